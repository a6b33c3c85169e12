// SPDX-License-Identifier: MIT
#include "mock_server/model/spinning_disk.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kChunkBytes = 4 << 20;

// 15 MB at 150 MB/s: 100 ms. settle + rotation / 2 = 1 + 4 = 5 ms.
DiskSpec round_disk() {
  DiskSpec spec;
  spec.rotation = 8ms;
  return spec;
}

TEST(DiskServiceTimeTest, FollowsTheFormula) {
  struct Row {
    std::uint64_t gap;
    std::size_t queued;
    Nanoseconds expected;
  };
  const std::vector<Row> rows = {
      {0, 1, 100ms},                            // streams
      {0, 2, 110ms},                            // 4 / 2 turns of 5 ms
      {0, 4, 105ms},                            // 4 / 4
      {0, 8, 102'500us},                        // 4 / 8
      {65'536, 1, 154ms},                       // 4 * (1 + 17 * sqrt(1/4) + 4) = 4 * 13.5
      {65'536, 2, 146ms},                       // 4 * (1 + 8.5 + 2)
      {65'536, 8, 140ms},                       // 4 * (1 + 8.5 + 0.5)
      {262'144, 1, 188ms},                      // the full stroke: 4 * (18 + 4)
      {10 * 262'144, 1, 188ms},                 // no longer than that
      {16'384, 4, 100ms + 4 * (5'250us + 1ms)}  // sqrt(1/16) = 1/4: 1 + 4.25 + 1
  };
  for (const Row& row : rows)
    EXPECT_EQ(disk_service_time(round_disk(), 15'000'000, row.gap, row.queued), row.expected)
        << "gap " << row.gap << " queued " << row.queued;
}

RequestInfo read_of(std::uint64_t position) { return test_request(position + 1, 15'000'000); }

TEST(SpinningDiskTest, AloneAndInOrderItStreams) {
  SpinningDisk disk(round_disk());
  for (int i = 0; i < 10; ++i) {
    const ServiceTimes times = disk.serve(read_of(static_cast<std::uint64_t>(i)), at(i * 100ms));
    EXPECT_EQ(times.start, at(i * 100ms));
    EXPECT_EQ(times.ready, at((i + 1) * 100ms));
  }
}

TEST(SpinningDiskTest, AloneItSeeksFromWhereTheHeadRests) {
  SpinningDisk disk(round_disk());
  EXPECT_EQ(disk.serve(read_of(0), at(0s)).ready, at(100ms));
  // From 1 to 65537: a quarter of the span.
  EXPECT_EQ(disk.serve(read_of(65'537), at(1s)).ready, at(1s + 154ms));
  // Back from 65538 to 2: the same way.
  EXPECT_EQ(disk.serve(read_of(2), at(2s)).ready, at(2s + 154ms));
  EXPECT_EQ(disk.serve(read_of(3), at(3s)).ready, at(3s + 100ms));
}

TEST(SpinningDiskTest, NeighboursOfEitherSideAreSwept) {
  SpinningDisk disk(round_disk());
  EXPECT_EQ(disk.serve(read_of(0), at(0s)).ready, at(100ms));
  const ServiceTimes after = disk.serve(read_of(1), at(10ms));
  EXPECT_EQ(after.start, at(100ms));
  EXPECT_EQ(after.ready, at(210ms));
  EXPECT_EQ(disk.serve(read_of(201), at(300ms)).ready - at(300ms),
            disk_service_time(round_disk(), 15'000'000, 199, 1));
  SpinningDisk before(round_disk());
  EXPECT_EQ(before.serve(read_of(0), at(0s)).ready, at(100ms));
  EXPECT_EQ(before.serve(read_of(1), at(0s)).ready, at(210ms));
  // Three at the disk, and the same chunk once more: 4 / 3 turns of 5 ms.
  EXPECT_EQ(before.serve(read_of(0), at(0s)).ready, at(310ms + 6'666'667ns));
}

TEST(SpinningDiskTest, TheNearestOfThoseWaitingCounts) {
  SpinningDisk disk(round_disk());
  EXPECT_EQ(disk.serve(read_of(0), at(0s)).ready, at(100ms));
  EXPECT_EQ(disk.serve(read_of(262'145), at(0s)).ready, at(100ms + 100ms + 4 * (18ms + 2ms)));
  // 65537 lies 65536 chunks after 0 and farther from 262145; three are at the disk.
  const ServiceTimes third = disk.serve(read_of(65'537), at(1ms));
  EXPECT_EQ(third.start, at(280ms));
  EXPECT_EQ(third.ready - third.start, 100ms + 4 * 9'500us + 5'333'333ns);
}

TEST(SpinningDiskTest, ThoseThatAreReadNoLongerCount) {
  SpinningDisk disk(round_disk());
  EXPECT_EQ(disk.serve(read_of(0), at(0s)).ready, at(100ms));
  EXPECT_EQ(disk.serve(read_of(1), at(100ms)).ready, at(200ms));
}

TEST(SpinningDiskTest, ChunksInOrderAlternateBetweenDisks) {
  DiskSpec spec = round_disk();
  spec.disks = 3;
  SpinningDisk disks(spec);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(disks.serve(read_of(i), at(0s)).ready, at(100ms));
  // Each disk has one more, which follows the one it reads.
  for (std::uint64_t i = 3; i < 6; ++i) EXPECT_EQ(disks.serve(read_of(i), at(0s)).ready, at(210ms));
}

TEST(SpinningDiskTest, ScatteredChunksSpreadEvenlyByTheirDigest) {
  DiskSpec spec = round_disk();
  spec.layout = DiskSpec::Layout::scattered;
  spec.disks = 4;
  spec.stroke = spec.settle = 0ms;
  spec.rotation = 0ms;  // a chunk takes 100 ms on whichever disk
  SpinningDisk disks(spec);
  std::vector<TimePoint> ready;
  for (std::uint64_t i = 0; i < 4000; ++i) ready.push_back(disks.serve(read_of(i), at(0s)).ready);
  // 1000 on each, give or take four standard deviations of 27.
  EXPECT_NEAR(to_seconds(*std::max_element(ready.begin(), ready.end()) - at(0s)), 100.0, 11.0);
  for (const Nanoseconds turn : {100ms, 1'000ms, 50'000ms})
    EXPECT_EQ(std::count(ready.begin(), ready.end(), at(turn)), 4) << to_seconds(turn);
}

// Which disk a scattered chunk lies on says nothing about where: all four places of each disk are used, so that the
// resting head is met at every distance from 0 to 4.
TEST(SpinningDiskTest, DiskAndPlaceOfScatteredChunksAreUnrelated) {
  DiskSpec spec = round_disk();
  spec.layout = DiskSpec::Layout::scattered;
  spec.disks = 4;
  spec.span_chunks = 4;
  SpinningDisk disks(spec);
  std::set<Nanoseconds> services;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const ServiceTimes times = disks.serve(read_of(i), at(static_cast<int>(i) * 1s));
    services.insert(times.ready - times.start);
  }
  EXPECT_EQ(services.size(), 5u);
}

// `depth` requests for chunks in index order that are always at the disk: MB/s.
double closed_loop_mb_per_s(const DiskSpec& spec, int depth) {
  constexpr int kChunks = 8000;
  SpinningDisk disk(spec);
  std::vector<TimePoint> free_since(static_cast<std::size_t>(depth), at(0s));
  TimePoint last = at(0s);
  for (int i = 0; i < kChunks; ++i) {
    TimePoint& earliest = *std::min_element(free_since.begin(), free_since.end());
    earliest = disk.serve(test_request(static_cast<std::uint64_t>(i) + 1, kChunkBytes), earliest).ready;
    last = std::max(last, earliest);
  }
  return kChunks * static_cast<double>(kChunkBytes) / 1e6 / to_seconds(last - at(0s));
}

struct DepthRow {
  int depth;
  double formula;    // MB/s by hand: 4194304 bytes / (bytes / rate + seeks)
  double published;  // MB/s, published: reader threads of a tape backup
};

// A disk of 110 MB/s: 38.130 ms, and 4/n turns of 1 + 8.333/2 ms. Published: setup B of Proxmox Backup commit 320ea1cdb, mostly sequential.
TEST(SpinningDiskTest, InOrderTwoAreSlowerThanOneAndMoreRecover) {
  DiskSpec spec;
  spec.rate_bytes_per_s = 110e6;
  const double alone = closed_loop_mb_per_s(spec, 1);
  EXPECT_NEAR(alone, 110.0, 0.1);
  double before = 0;
  for (const DepthRow& row : std::vector<DepthRow>{{2, 86.55, 89}, {4, 96.87, 100}, {8, 103.02, 108}}) {
    const double measured = closed_loop_mb_per_s(spec, row.depth);
    EXPECT_NEAR(measured, row.formula, 0.1) << row.depth;
    EXPECT_NEAR(measured / alone / (row.published / 110), 1.0, 0.15) << row.depth;
    EXPECT_LT(measured, alone) << row.depth;
    EXPECT_GT(measured, before) << row.depth;
    before = measured;
  }
}

// The default disk: 27.962 ms, and 4 * (1 + 17 * E + 8.333 / 2n) ms, where E is the mean of sqrt(distance / span): 8/15
// for two random places, 0.3468 and 0.2337 to the nearest of 3 and 7. Published: setup A of the same commit, scattered.
TEST(SpinningDiskTest, ScatteredIsFasterWithEveryStepOfDepth) {
  DiskSpec spec;
  spec.layout = DiskSpec::Layout::scattered;
  const double alone = closed_loop_mb_per_s(spec, 1);
  EXPECT_NEAR(alone, 49.41, 0.5);
  double before = alone;
  for (const DepthRow& row : std::vector<DepthRow>{{2, 54.78, 70}, {4, 70.24, 80}, {8, 83.99, 95}}) {
    const double measured = closed_loop_mb_per_s(spec, row.depth);
    EXPECT_NEAR(measured / row.formula, 1.0, 0.01) << row.depth;
    EXPECT_NEAR(measured / alone / (row.published / 55), 1.0, 0.15) << row.depth;
    EXPECT_GT(measured, before) << row.depth;
    before = measured;
  }
}

}  // namespace
}  // namespace depthfinder::mock
