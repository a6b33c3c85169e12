// SPDX-License-Identifier: MIT
// The depth controller's rule as tables, from the words in its header and in the project's method: limits, windows, the
// start, threads; and what holds of any samples.
#include "restore_core/engine/depth_controller.h"

#include <set>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "restore_core/base/random.h"
#include "restore_core/engine/controller_play.h"

namespace depthfinder {
namespace {

using namespace std::chrono_literals;
using testing_support::In;
using testing_support::limits;
using testing_support::play;
using testing_support::Play;
using testing_support::sample_of;
using Kind = DecisionKind;

TEST(DepthLimits, FollowTheirTable) {
  constexpr std::uint64_t kMib = 1 << 20;
  struct LimitsRow {
    const char* what;
    std::uint64_t budget_bytes, chunk_bytes;
    int cores;
    std::optional<double> knee;
    int depth_max, depth_start;
  };
  const LimitsRow rows[] = {
      {"the default budget: 2 x 4 MiB a chunk", 256 * kMib, 4 * kMib, 4, {}, 32, 16},
      {"1 GiB", 1024 * kMib, 4 * kMib, 4, {}, 128, 16},
      {"32 MiB hold four, so the start is four", 32 * kMib, 4 * kMib, 4, {}, 4, 4},
      {"a byte short of four", 32 * kMib - 1, 4 * kMib, 4, {}, 3, 3},
      {"a budget below one chunk still holds one", 1, 4 * kMib, 1, {}, 1, 1},
      {"no budget", 0, 4 * kMib, 1, {}, 1, 1},
      {"small chunks: as many as a depth may be", 1024 * kMib, 64 * 1024, 1, {}, 1024, 16},
      {"no end of memory", UINT64_MAX, 1, 1, {}, 1024, 16},
      {"twice the knee", 256 * kMib, 4 * kMib, 4, 6.0, 32, 12},
      {"twice a knee of a half chunk, rounded up", 256 * kMib, 4 * kMib, 4, 2.6, 32, 6},
      {"a knee beyond the budget", 256 * kMib, 4 * kMib, 4, 20.0, 32, 32},
      {"a knee of one", 256 * kMib, 4 * kMib, 4, 1.0, 32, 2},
      {"a knee of nothing", 256 * kMib, 4 * kMib, 4, 0.0, 32, 1},
      {"a knee out of range", UINT64_MAX, 1, 4, 1e300, 1024, 1024},
      {"many cores", 256 * kMib, 4 * kMib, 96, {}, 32, 16},
  };
  for (const LimitsRow& row : rows) {
    const DepthLimits got = depth_limits(row.budget_bytes, row.chunk_bytes, row.cores, row.knee);
    EXPECT_EQ(got.depth_max, row.depth_max) << row.what;
    EXPECT_EQ(got.depth_start, row.depth_start) << row.what;
    EXPECT_EQ(got.threads_max, row.cores) << row.what;
    EXPECT_EQ(got.threads_start, row.cores) << row.what << ": all of them at first";
  }
}

TEST(DepthController, ClampsItsStart) {
  EXPECT_EQ(DepthController(limits(100, 32)).depth(), 32);
  EXPECT_EQ(DepthController(limits(0, 32)).depth(), 1);
  EXPECT_EQ(DepthController(limits(16, 32, 9, 4)).threads(), 4);
  EXPECT_EQ(DepthController(limits(16, 32, -1, 4)).threads(), 1);
  EXPECT_DEATH(DepthController(limits(1, 0)), "");
}

TEST(DepthController, DecisionsHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  int kinds = 0;
  for (int kind = 0; kind <= static_cast<int>(Kind::fewer_threads); ++kind, ++kinds)
    names.insert(decision_name(static_cast<Kind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kinds));
  EXPECT_EQ(decision_name(Kind::double_depth), "double");
  EXPECT_EQ(decision_name(Kind::try_more), "try-more");
}

TEST(DepthController, WindowsAreLongEnough) {
  struct WindowRow {
    const char* what;
    int depth;  // started at
    int completions;
    Nanoseconds elapsed;
    bool settling, doubling, holding;  // is it complete?
  };
  const WindowRow rows[] = {
      {"nothing yet", 16, 0, 0ns, false, false, false},
      {"what was in flight is through, whatever the time", 16, 16, 0ns, true, false, false},
      {"one less", 16, 15, 10s, false, false, false},
      {"a depth's worth, and 0.1 s", 16, 16, 100ms, true, true, false},
      {"a depth's worth, and less", 16, 16, 99ms, true, false, false},
      {"two depths' worth, and 0.3 s", 16, 32, 300ms, true, true, true},
      {"two depths' worth, and less", 16, 32, 299ms, true, true, false},
      {"0.3 s, and one less than two depths' worth", 16, 31, 300ms, true, true, false},
      {"no end of time, and eleven chunks", 2, 11, 1h, true, false, false},
      {"twelve chunks", 2, 12, 300ms, true, true, true},
      {"a depth of one settles with a chunk", 1, 1, 0ns, true, false, false},
  };
  for (const WindowRow& row : rows) {
    Play play(limits(row.depth, row.depth));
    const auto complete = [&] { return play.controller().window_complete(row.completions, row.elapsed); };
    EXPECT_EQ(complete(), row.settling) << row.what << ", settling";
    play.settle();
    EXPECT_EQ(complete(), row.doubling) << row.what << ", doubling";
    EXPECT_EQ(play.window({}).depth, row.depth) << "no more is allowed";
    EXPECT_EQ(complete(), row.holding) << row.what << ", holding";
  }
}

TEST(DepthController, ASettlingWindowDecidesNothing) {
  Play play(limits(4, 32));
  DepthSample sample = sample_of({.rate = 1}, 4);
  EXPECT_EQ(play.controller().decide(sample).kind, Kind::settle);
  play.rows({{"measured", {.rate = 100}, Kind::double_depth, 8}});
  sample = sample_of({.rate = 1}, 8);
  EXPECT_EQ(play.controller().decide(sample).kind, Kind::settle);
  play.rows({{"the 1 MB/s before it was not counted", {.rate = 130}, Kind::double_depth, 16}});
}

TEST(DepthController, DoublesWhileThatGainsAQuarter) {
  play(limits(2, 64), {{"the first measurement", {.rate = 100}, Kind::double_depth, 4},
                       {"30 % more", {.rate = 130}, Kind::double_depth, 8},
                       {"25.4 % more", {.rate = 163}, Kind::double_depth, 16},
                       {"10 % more: kept, not doubled", {.rate = 180}, Kind::keep, 16}});
  play(limits(4, 64), {{"the first measurement", {.rate = 100}, Kind::double_depth, 8},
                       {"24 % more: kept, not doubled", {.rate = 124}, Kind::keep, 8}});
  play(limits(4, 64), {{"the first measurement", {.rate = 100}, Kind::double_depth, 8},
                       {"6 % more", {.rate = 106}, Kind::keep, 8}});
  play(limits(4, 64), {{"the first measurement", {.rate = 100}, Kind::double_depth, 8},
                       {"4 % more: given back", {.rate = 104}, Kind::give_back, 4}});
  play(limits(4, 64), {{"the first measurement", {.rate = 100}, Kind::double_depth, 8},
                       {"less", {.rate = 60}, Kind::give_back, 4}});
}

TEST(DepthController, JumpsWhileFarBelowTheKnee) {
  play(limits(2, 256),
       {{"the first measurement", {.rate = 100}, Kind::double_depth, 4},
        {"twice as much of twice the depth", {.rate = 200}, Kind::double_depth, 16},
        {"four times: from 4 to 16 twice 25 % is asked", {.rate = 320}, Kind::double_depth, 32},
        {"nothing more", {.rate = 320}, Kind::give_back, 16}});
  play(limits(2, 256), {{"the first measurement", {.rate = 100}, Kind::double_depth, 4},
                        {"twice as much of twice the depth", {.rate = 200}, Kind::double_depth, 16},
                        {"four times the depth, and 40 %", {.rate = 280}, Kind::keep, 16}});
}

TEST(DepthController, NeverDoublesBeyondItsLimit) {
  play(limits(4, 12), {{"the first measurement", {.rate = 100}, Kind::double_depth, 8},
                       {"30 % more", {.rate = 130}, Kind::double_depth, 12},
                       {"more again, and no more is allowed", {.rate = 180}, Kind::hold, 12}});
  play(limits(12, 12), {{"no more is allowed", {.rate = 100}, Kind::hold, 12}});
  play(limits(1, 1), {{"nothing to decide", {.rate = 100}, Kind::hold, 1, 1, 50}});
}

TEST(DepthController, DoesNotGrowWhereTheDepthIsNotTheLimit) {
  play(limits(8, 64), {{"the writer", {.writer = 1, .ready = 4}, Kind::freeze, 8}});
  play(limits(8, 64), {{"decoding", {.decode = 1, .blobs = 4}, Kind::hold, 8}});
  play(limits(8, 64), {{"the depth is not filled", {.filled = 0.5}, Kind::hold, 8}});
  play(limits(8, 64), {{"nearly done", {.chunks_left = 8}, Kind::hold, 8}});
  play(limits(8, 64), {{"a busy writer that nothing waits for", {.writer = 1}, Kind::double_depth, 16}});
  play(limits(8, 64), {{"a writer with time to spare", {.writer = 0.5, .ready = 4}, Kind::double_depth, 16}});
}

TEST(DepthController, MovesTheThreads) {
  const In wait{.decode = 0.9, .blobs = 3, .chunks_left = 0}, idle{.decode = 0.2, .chunks_left = 0};
  const In busy{.decode = 0.8, .chunks_left = 0};
  play(limits(8, 8, 2, 12), {{"at the start: twice as many", wait, Kind::more_threads, 8, 4},
                             {"again", wait, Kind::more_threads, 8, 8},
                             {"all that there are", wait, Kind::more_threads, 8, 12},
                             {"no more", wait, Kind::hold, 8, 12, 5}});
  play(limits(8, 8, 2, 12), {{"enough", busy, Kind::hold, 8, 2},
                             {"held: one more", wait, Kind::more_threads, 8, 3},
                             {"and another", wait, Kind::more_threads, 8, 4},
                             {"enough", busy, Kind::hold, 8, 4, 9}});
  play(limits(8, 8, 4, 4), {{"idle", idle, Kind::hold, 8, 4, 2},
                            {"for three windows", idle, Kind::fewer_threads, 8, 3},
                            {"idle", idle, Kind::hold, 8, 3, 2},
                            {"not now", busy, Kind::hold, 8, 3},
                            {"idle", idle, Kind::hold, 8, 3, 2},
                            {"for three windows", idle, Kind::fewer_threads, 8, 2}});
}

TEST(DepthController, MovesOneThingAtATime) {
  const In wait{.decode = 0.9, .blobs = 3};
  play(limits(8, 8, 1, 4), {{"no more is allowed", {}, Kind::hold, 8},
                            {"a trial", {}, Kind::try_less, 6},
                            {"the threads must wait for its end", wait, Kind::try_less, 6}});
  // What more threads gained is not put down to the depth.
  play(limits(8, 64, 2, 4), {{"the first measurement", {.rate = 100}, Kind::double_depth, 16, 2},
                             {"threads", {.rate = 150, .decode = 0.9, .blobs = 3}, Kind::more_threads, 16, 4},
                             {"a first measurement again", {.rate = 300}, Kind::double_depth, 32, 4},
                             {"and 32 gains nothing", {.rate = 300}, Kind::give_back, 16, 4}});
}

// Anything that a window may hold, sensible or not.
DepthSample random_sample(Random& random) {
  DepthSample sample;
  const auto share = [&] { return random.below(4) == 0 ? 1.0 : random.uniform(); };
  sample.window = Nanoseconds(random.below(8) == 0 ? 0 : random.below(2'000'000'000));
  sample.completions = static_cast<int>(random.below(200));
  sample.goodput_bytes = random.below(6) == 0 ? random.next() : random.below(1U << 30);
  sample.errors = random.below(6) == 0 ? static_cast<int>(random.below(100)) : 0;
  sample.writer_busy_share = share();
  sample.decode_busy_share = share();
  sample.blobs_waiting_mean = 4 * share();
  sample.ready_waiting_mean = 4 * share();
  sample.slots_in_use_mean = random.below(2) == 0 ? 1e9 : 64 * share();
  if (random.below(3) == 0) sample.chunks_left = random.below(400);
  if (random.below(2) == 0) sample.bystander_ratio = 1.2 * share();
  if (random.below(2) == 0) sample.bystander_budget = 1.1;
  return sample;
}

TEST(DepthController, KeepsToItsLimitsAndDecidesTheSameOfTheSame) {
  for (const auto& [depth_max, threads_max] : {std::pair{1, 1}, {2, 3}, {7, 1}, {32, 4}, {1024, 64}}) {
    DepthController controller(limits(16, depth_max, threads_max, threads_max)), twin = controller;
    Random random(static_cast<std::uint64_t>(depth_max));
    for (int i = 0; i < 10'000; ++i) {
      const DepthSample sample = random_sample(random);
      const DepthDecision decision = controller.decide(sample), again = twin.decide(sample);
      ASSERT_GE(decision.depth, 1) << i;
      ASSERT_LE(decision.depth, depth_max) << i;
      ASSERT_GE(decision.threads, 1) << i;
      ASSERT_LE(decision.threads, threads_max) << i;
      ASSERT_EQ(decision.depth, controller.depth()) << i;
      ASSERT_EQ(decision.threads, controller.threads()) << i;
      ASSERT_EQ(decision.reason.find("nan"), std::string::npos) << i << ": " << decision.reason;
      ASSERT_EQ(decision.kind, again.kind) << i;
      ASSERT_EQ(decision.depth, again.depth) << i;
      ASSERT_EQ(decision.threads, again.threads) << i;
      ASSERT_EQ(decision.reason, again.reason) << i;
    }
  }
}

}  // namespace
}  // namespace depthfinder
