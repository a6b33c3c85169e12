// SPDX-License-Identifier: MIT
// The parts of the pipelined restore that can be looked at alone.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/base/queue.h"
#include "restore_core/engine/decode_turn.h"
#include "restore_core/engine/depth_tuner.h"
#include "restore_core/engine/hot_chunk_cache.h"
#include "restore_core/engine/level_meter.h"
#include "restore_core/engine/memory_sink.h"
#include "restore_core/engine/plan.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/test_image.h"
#include "restore_core/engine/write_stage.h"

namespace depthfinder {
namespace {

using std::chrono::milliseconds;
using testing_support::Encoding;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;
using testing_support::TestImage;

TEST(DecodeTurn, HashesTogetherButNeverWaitsForNothing) {
  struct Row {
    const char* what;
    DecodeState state;
    DecodeTurn turn;
  };
  const Row rows[] = {
      {"nothing there", {0, 0, 0, 0, false, 8}, DecodeTurn::wait},
      {"blobs will come", {4, 0, 0, 0, false, 8}, DecodeTurn::wait},
      {"a blob is there", {0, 1, 0, 0, false, 8}, DecodeTurn::decode},
      {"blobs are there, so company is", {0, 3, 0, 2, false, 8}, DecodeTurn::decode},
      {"another worker brings company", {0, 0, 1, 1, false, 8}, DecodeTurn::wait},
      {"company is in flight", {1, 0, 0, 1, false, 8}, DecodeTurn::wait},
      {"company has been in flight for too long", {1, 0, 0, 1, true, 8}, DecodeTurn::hash},
      {"idle: one chunk is hashed alone", {0, 0, 0, 1, false, 8}, DecodeTurn::hash},
      {"idle: some are hashed together", {0, 0, 0, 5, false, 8}, DecodeTurn::hash},
      {"a batch is full", {9, 9, 2, 8, false, 8}, DecodeTurn::hash},
      {"one at a time", {4, 4, 1, 1, false, 1}, DecodeTurn::hash},
  };
  for (const Row& row : rows) EXPECT_EQ(next_turn(row.state), row.turn) << row.what;
}

TEST(DecodeTurn, SlotsKeepToTwoBuffersForEachOfTheDepth) {
  for (std::size_t depth = 1; depth <= 64; ++depth) {
    for (std::size_t threads = 1; threads <= 20; ++threads) {
      const std::size_t slots = lane_slots(depth, threads);
      EXPECT_GE(slots, depth);
      // One buffer a slot, and one more for each that is being decoded.
      EXPECT_LE(slots + std::min(threads, std::min(slots, depth)), 2 * depth) << depth << " " << threads;
      EXPECT_LE(lane_batch(16, depth, threads), std::max<std::size_t>(1, slots - depth));
    }
  }
  EXPECT_EQ(lane_batch(16, 1, 2), 1U);
  EXPECT_EQ(lane_batch(16, 16, 2), 14U);
  EXPECT_EQ(lane_batch(16, 32, 2), 16U);
  EXPECT_EQ(lane_batch(2, 32, 2), 2U);
}

RestorePlan plan_of(std::uint32_t image, std::size_t chunks) {
  RestorePlan plan;
  for (std::size_t position = 0; position < chunks; ++position)
    plan.chunks.push_back({position, image, false});
  return plan;
}

TEST(ChunkOrder, AdvancesAllImagesByTheSameShare) {
  ChunkOrder order({plan_of(0, 4), plan_of(1, 0), plan_of(2, 2)});
  std::string taken;
  for (; !order.done(); order.advance())
    taken += fmt::format("{}{} ", static_cast<char>('a' + order.next().image), order.next().position);
  EXPECT_EQ(taken, "a0 c0 a1 a2 c1 a3 ");
}

TEST(HotChunkCache, ChoosesTheLeastRepeatedOfTheRepeated) {
  const auto digest_of_number = [](std::uint8_t byte) {
    Digest digest{};
    digest[0] = byte;
    return digest;
  };
  const std::vector<Digest> digests{digest_of_number(1), digest_of_number(2), digest_of_number(1),
                                    digest_of_number(3), digest_of_number(2), digest_of_number(2),
                                    digest_of_number(4), digest_of_number(4)};
  EXPECT_EQ(hot_digests(digests, 2), (std::vector<Digest>{digest_of_number(1), digest_of_number(4)}));
  EXPECT_EQ(hot_digests(digests, 8),
            (std::vector<Digest>{digest_of_number(1), digest_of_number(4), digest_of_number(2)}));
  EXPECT_TRUE(hot_digests(digests, 0).empty());
  EXPECT_TRUE(hot_digests({}, 8).empty());
}

TEST(HotChunkCache, KeepsOnlyWhatWasChosen) {
  HotChunkCache cache({Digest{1}});
  EXPECT_EQ(cache.find(Digest{1}), nullptr);
  cache.offer(Digest{1}, as_bytes("one"));
  cache.offer(Digest{2}, as_bytes("two"));
  ASSERT_NE(cache.find(Digest{1}), nullptr);
  EXPECT_EQ(as_text(*cache.find(Digest{1})), "one");
  EXPECT_EQ(cache.find(Digest{2}), nullptr);
}

TEST(LevelMeter, WeighsWithTime) {
  LevelMeter meter;
  const TimePoint begin{};
  meter.begin(begin, 0);
  meter.set(begin + milliseconds(10), 4);
  meter.set(begin + milliseconds(30), 1);
  EXPECT_DOUBLE_EQ(meter.mean(begin + milliseconds(40)), (4 * 20 + 1 * 10) / 40.0);
}

TEST(SlotPool, StoredPayloadsBeginOnAPage) {
  for (const std::size_t header : {12U, 44U}) {
    SlotPool slots({.slots = 3, .buffers_max = 6, .chunk_size = 1U << 20, .blob_header_bytes = header});
    for (int i = 0; i < 3; ++i) {
      Slot& slot = slots.take({}, {});
      EXPECT_EQ((reinterpret_cast<std::uintptr_t>(slot.receive.get().data()) + header) % 4096, 0U);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slot.decode.get().data()) % 4096, 0U);
    }
  }
}

TEST(SlotPool, LendsTheWarmestBufferAndTouchesNoMoreThanItMust) {
  SlotPool slots({.slots = 4, .buffers_max = 8, .chunk_size = 1U << 20});
  EXPECT_EQ(slots.touched_bytes(), 0U);
  Slot& slot = slots.take({}, {});
  const auto* const received = slot.receive.get().data();
  slot.decode.get();
  slot.receive.recycle();
  Slot& next = slots.take({}, {});
  EXPECT_EQ(next.receive.get().data(), received);
  slots.release(slot);
  slots.release(next);
  EXPECT_LE(slots.touched_bytes(), 2 * ((1U << 20) + 2 * kBlobOverheadBytes));
}

// A writer stage with slots that hold their payload already.
class Writers : public testing::Test {
 protected:
  Slot& ready(std::size_t position) {
    Slot& slot = slots_.take({.position = position}, {});
    slot.payload = ByteSpan(image_.bytes).subspan(position * kTestChunkSize, kTestChunkSize);
    return slot;
  }
  std::size_t await(std::size_t count) {
    std::size_t failed = 0;
    for (std::size_t i = 0; i < count; ++i) failed += written_.pop()->outcome ? 0U : 1U;
    return failed;
  }

  TestImage image_ = make_test_image("abcdefgh", Encoding::plain);
  MemorySink sink_{image_.index.image_bytes};
  std::vector<ImageTarget> images_{{image_.job(), sink_, {}}};
  SteadyClock clock_;
  SlotPool slots_{{.slots = 8, .buffers_max = 16, .chunk_size = kTestChunkSize}};
  Queue<WriteStage::Written> written_;
  WriteStage stage_{images_, clock_,
                    [this](WriteStage::Written written) { written_.push(std::move(written)); }};
};

TEST_F(Writers, TakesNeighboursInOneRun) {
  for (const std::size_t position : {5U, 1U, 2U, 0U, 7U}) stage_.take(ready(position));
  stage_.start(1, {});
  EXPECT_EQ(await(5), 0U);
  std::vector<std::uint64_t> offsets;
  for (const auto& write : sink_.writes()) offsets.push_back(write.offset / kTestChunkSize);
  EXPECT_EQ(offsets, (std::vector<std::uint64_t>{0, 1, 2, 5, 7}));
  EXPECT_EQ(sink_.runs(), (std::vector<std::size_t>{3})) << "a chunk alone is no run";
}

TEST_F(Writers, ZerosWaitForChunks) {
  const ZeroRun zeros{6, 2, 0};
  stage_.take(ready(3));
  stage_.start(1, {&zeros});
  EXPECT_EQ(await(2), 0U);
  ASSERT_EQ(sink_.writes().size(), 2U);
  EXPECT_EQ(sink_.writes()[0].offset, 3 * kTestChunkSize);
  EXPECT_TRUE(sink_.writes()[1].zeros);
  EXPECT_EQ(sink_.writes()[1].length, 2 * kTestChunkSize);
}

TEST_F(Writers, NothingIsWrittenAfterAFailure) {
  sink_.before_write([](std::size_t) -> Result<void> { return fail(ErrorKind::io, "the disk is full"); });
  for (const std::size_t position : {0U, 2U, 4U}) stage_.take(ready(position));
  stage_.start(1, {});
  EXPECT_EQ(await(1), 1U);
  stage_.shut_down();
  EXPECT_TRUE(sink_.writes().empty());
}

TEST_F(Writers, NoMoreThreadsThanTheSinkPermits) {
  for (std::size_t position = 0; position < 8; position += 2) stage_.take(ready(position));
  stage_.start(4, {});  // the sink aborts when two are in it
  EXPECT_EQ(await(4), 0U);
}

TEST(DepthTuner, MeasuresWindowsAndKeepsTheTrace) {
  DepthTuner tuner({.depth_max = 32, .threads_max = 1, .depth_start = 4, .threads_start = 1}, 1,
                   std::nullopt);
  TimePoint now{};
  StageTotals totals;
  tuner.begin(now, totals);
  int changes = 0;
  for (int chunk = 0; chunk < 200; ++chunk) {
    now += milliseconds(10);
    totals.depth_time += milliseconds(40);
    if (tuner.chunk_done(4U << 20, now, [&] { return totals; })) ++changes;
    ASSERT_GE(tuner.depth(), 1);
    ASSERT_LE(tuner.depth(), 32);
  }
  const auto trace = tuner.take_trace();
  ASSERT_GE(trace.size(), 2U);
  EXPECT_EQ(trace.size(), static_cast<std::size_t>(changes));
  for (const DepthTracePoint& point : trace) {
    EXPECT_NEAR(point.goodput_bytes_per_s, (4U << 20) / 0.01, 1);
    EXPECT_FALSE(point.decision.empty());
    EXPECT_FALSE(point.reason.empty());
  }
  EXPECT_EQ(trace.back().depth, tuner.depth());
}

TEST(DepthTuner, TellsTheControllerHowManyChunksAreLeft) {
  const auto deepest = [](std::uint64_t chunks_left) {
    DepthTuner tuner({.depth_max = 32, .threads_max = 1, .depth_start = 4, .threads_start = 1}, 1,
                     std::nullopt);
    TimePoint now{};
    StageTotals totals;
    totals.chunks_left = chunks_left;
    tuner.begin(now, totals);
    int most = tuner.depth();
    for (int chunk = 0; chunk < 100; ++chunk) {
      now += milliseconds(10);
      totals.depth_time += milliseconds(10) * tuner.depth();
      tuner.chunk_done(4U << 20, now, [&] { return totals; });
      most = std::max(most, tuner.depth());
    }
    return most;
  };
  EXPECT_GT(deepest(1000), 4);
  EXPECT_EQ(deepest(4), 4) << "near the end no move pays";
}

}  // namespace
}  // namespace depthfinder
