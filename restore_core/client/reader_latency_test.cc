// SPDX-License-Identifier: MIT
// The recorded times of chunk requests, against a server that is not our code. How long anything took is asserted from
// below only.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "restore_core/client/foreign_server.h"
#include "restore_core/client/test_restore.h"

namespace depthfinder {
namespace {

ReaderOptions recording(int connections = 1) {
  ReaderOptions options = test_options(connections);
  options.record_latency = true;
  return options;
}

// What the datastore's files weigh, for `rounds` fetches of each.
std::vector<std::uint64_t> file_sizes(const FixedIndex& index, int rounds) {
  std::vector<std::uint64_t> sizes;
  for (const Digest& digest : index.digests) {
    const std::string name = to_hex(digest);
    const std::uint64_t size =
        std::filesystem::file_size(real_store() / ".chunks" / name.substr(0, 4) / name);
    sizes.insert(sizes.end(), static_cast<std::size_t>(rounds), size);
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

std::vector<std::uint64_t> bytes_of(const std::vector<LatencySample>& samples) {
  std::vector<std::uint64_t> bytes;
  for (const LatencySample& sample : samples) bytes.push_back(sample.bytes);
  std::sort(bytes.begin(), bytes.end());
  return bytes;
}

void expect_plausible(const std::vector<LatencySample>& samples, TimePoint started, std::uint64_t depth) {
  TimePoint previous = started;
  for (const LatencySample& sample : samples) {
    EXPECT_LE(previous, sample.sent) << "not in order of sending";
    EXPECT_LT(sample.sent, sample.first_byte);
    EXPECT_LE(sample.first_byte, sample.last_byte);
    EXPECT_LE(sample.last_byte, SteadyClock().now());
    EXPECT_GE(sample.in_flight, 1u);
    EXPECT_LE(sample.in_flight, depth);
    previous = sample.sent;
  }
}

class ReaderLatencyByConnections : public testing::TestWithParam<int> {};

TEST_P(ReaderLatencyByConnections, OneSampleForEveryChunk) {
  ForeignServer server;
  auto restore = open_test_image(server.access(), recording(GetParam()));
  ASSERT_TRUE(restore) << restore.error().message;
  const TimePoint started = SteadyClock().now();
  ChunkBatch batch(*restore, 10);
  ASSERT_EQ(count_good(batch.outcomes()), 40u);
  const auto samples = restore->client->take_latency_samples();
  EXPECT_EQ(bytes_of(samples), file_sizes(restore->image.index, 10));
  expect_plausible(samples, started, 40);
}

INSTANTIATE_TEST_SUITE_P(Connections, ReaderLatencyByConnections, testing::Values(1, 2, 3));

TEST(ReaderLatency, WhatWaitsForTheServersLimitOfStreamsIsNotSentYet) {
  ForeignServer server({"--streams-max", "2"});
  auto restore = open_test_image(server.access(), recording());
  ASSERT_TRUE(restore) << restore.error().message;
  const TimePoint started = SteadyClock().now();
  ChunkBatch batch(*restore, 8);
  ASSERT_EQ(count_good(batch.outcomes()), 32u);
  const auto samples = restore->client->take_latency_samples();
  EXPECT_EQ(samples.size(), 32u);
  expect_plausible(samples, started, 2);
}

TEST(ReaderLatency, NothingIsRecordedUnasked) {
  ForeignServer server;
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  ASSERT_EQ(count_good(batch.outcomes()), 4u);
  EXPECT_TRUE(restore->client->take_latency_samples().empty());
}

TEST(ReaderLatency, TakingTheSamplesEndsTheClient) {
  ForeignServer server;
  auto restore = open_test_image(server.access(), recording(2));
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  ASSERT_EQ(count_good(batch.outcomes()), 4u);
  EXPECT_EQ(restore->client->take_latency_samples().size(), 4u);
  EXPECT_TRUE(restore->client->take_latency_samples().empty());
  ChunkBatch later(*restore, 1);
  EXPECT_EQ(first_error(later.outcomes()).kind, ErrorKind::cancelled);
}

TEST(ReaderLatency, ARefusedChunkIsNoSample) {
  ForeignServer server({"--fault", "status400"});
  auto restore = open_test_image(server.access(), recording());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 2);
  ASSERT_EQ(count_good(batch.outcomes()), 7u);
  EXPECT_EQ(restore->client->take_latency_samples().size(), 7u);
}

struct Repeated {
  const char* kind;
  int connections;
};
void PrintTo(const Repeated& repeated, std::ostream* out) { *out << repeated.kind << repeated.connections; }

class ReaderLatencyByFault : public testing::TestWithParam<Repeated> {};

TEST_P(ReaderLatencyByFault, ARepeatedRequestIsOneSample) {
  ForeignServer server({"--fault", GetParam().kind, "--fault-after", "5", "--fault-count", "2"});
  auto restore = open_test_image(server.access(), recording(GetParam().connections));
  ASSERT_TRUE(restore) << restore.error().message;
  const TimePoint started = SteadyClock().now();
  ChunkBatch batch(*restore, 5);
  ASSERT_EQ(count_good(batch.outcomes()), 20u);
  ASSERT_GE(restore->client->chunks().stats().retries, 1u);
  const auto samples = restore->client->take_latency_samples();
  EXPECT_EQ(bytes_of(samples), file_sizes(restore->image.index, 5));
  expect_plausible(samples, started, 20);
}

INSTANTIATE_TEST_SUITE_P(Faults, ReaderLatencyByFault,
                         testing::Values(Repeated{"drop", 1}, Repeated{"drop", 3}, Repeated{"goaway", 1},
                                         Repeated{"status500", 1}, Repeated{"reset", 1}));

TEST(ReaderLatency, ARepeatedRequestCountsFromItsLastSendingAndWasInFlightBefore) {
  ForeignServer server({"--fault", "stall"});  // the first chunk request
  ReaderOptions options = recording();
  options.stall_timeout = std::chrono::milliseconds(500);
  auto restore = open_test_image(server.access(), options);
  ASSERT_TRUE(restore) << restore.error().message;
  const TimePoint started = SteadyClock().now();
  ChunkBatch batch(*restore, 1);
  ASSERT_EQ(count_good(batch.outcomes()), 4u);
  const auto samples = restore->client->take_latency_samples();
  ASSERT_EQ(samples.size(), 4u);
  for (const std::size_t i : {0u, 1u, 2u}) EXPECT_GE(samples[i].in_flight, 2u) << "the stalled one beside it";
  EXPECT_GE(samples[3].sent, started + options.stall_timeout);
  EXPECT_EQ(samples[3].in_flight, 1u);
}

}  // namespace
}  // namespace depthfinder
