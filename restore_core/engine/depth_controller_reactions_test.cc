// SPDX-License-Identifier: MIT
// What the depth controller does about errors, a slow writer and a bystander that suffers, as tables.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/engine/controller_play.h"

namespace depthfinder {
namespace {

using testing_support::ever;
using testing_support::hold_at;
using testing_support::In;
using testing_support::limits;
using testing_support::Play;
using testing_support::play;
using testing_support::play_against;
using testing_support::Played;
using testing_support::sample_of;
using Kind = DecisionKind;

TEST(DepthController, HalvesOnErrors) {
  Play few(limits(16, 32)), all(limits(16, 32)), play3(limits(3, 32)), play1(limits(1, 32));
  Play start(limits(16, 32));
  hold_at(few, 16);
  few.rows({{"a chunk of many: nothing", {.failures = 0.1, .chunks_left = 0}, Kind::hold, 16}});
  hold_at(all, 16);
  all.rows({{"a connection with all that was in flight", {.failures = 1}, Kind::halve, 8}});
  hold_at(play3, 3);
  play3.rows({{"rounded up", {.failures = 1}, Kind::halve, 2}});
  hold_at(play1, 1);
  play1.rows({{"one stays", {.failures = 1, .chunks_left = 0}, Kind::hold, 1, 1, 9}});
  start.rows({{"in the first window", {.failures = 2}, Kind::halve, 8}});
}

TEST(DepthController, HalvesWhileAChangeSettlesToo) {
  Play play(limits(16, 32));
  EXPECT_EQ(play.controller().decide(sample_of({.failures = 1}, 16)).kind, Kind::halve);
  EXPECT_EQ(play.controller().depth(), 8);
}

TEST(DepthController, LooksWhetherHalfTheDepthHelped) {
  const In rest{.chunks_left = 0};
  const In lost{.failures = 1, .chunks_left = 0};
  Play helped(limits(16, 32)), same(limits(16, 32)), harmed(limits(16, 32)), stopped(limits(16, 32));
  for (Play* play : {&helped, &same, &harmed, &stopped}) hold_at(*play, 16);
  helped.rows({{"errors", lost, Kind::halve, 8},
               {"none in the first window", rest, Kind::hold, 8},
               {"nor in the second", rest, Kind::keep, 8},
               {"so it stays", rest, Kind::hold, 8, 1, 9}});
  same.rows({{"errors", lost, Kind::halve, 8},
             {"as many in the first window", lost, Kind::hold, 8},
             {"and in the second: half again", lost, Kind::halve, 4},
             {"as many in the first window", lost, Kind::hold, 4},
             {"and in the second: half again", lost, Kind::halve, 2},
             {"none in the first window", rest, Kind::hold, 2},
             {"nor in the second", rest, Kind::keep, 2}});
  harmed.rows({{"errors", lost, Kind::halve, 8},
               {"slower", {.rate = 60}, Kind::hold, 8},
               {"the errors are not of the depth", {.rate = 60}, Kind::give_back, 16},
               {"so it stays", rest, Kind::hold, 16, 1, 9}});
  stopped.rows({{"errors", lost, Kind::halve, 8},
                {"more of them", {.failures = 2}, Kind::hold, 8},
                {"none, but as many on the whole", rest, Kind::halve, 4},
                {"none", rest, Kind::hold, 4},
                {"nor here: fewer than before", rest, Kind::keep, 4},
                {"so it stays", rest, Kind::hold, 4, 1, 9}});
}

TEST(DepthController, PassesOverWindowsThatAFailureSlowed) {
  const In rest{.chunks_left = 0};
  Play holding(limits(16, 32)), doubling(limits(8, 32)), trying(limits(1, 8)), trying_less(limits(8, 8));
  hold_at(holding, 16);
  holding.rows({{"a tenth of the rate is no new level", {.rate = 10, .failures = 0.5}, Kind::hold, 16, 1, 3},
                {"back", rest, Kind::hold, 16, 1, 9},
                {"most windows are lossy", {.rate = 10, .failures = 0.5}, Kind::hold, 16, 1, 3},
                {"and the fourth: less is better", {.rate = 10, .failures = 0.5}, Kind::halve, 8}});
  doubling.rows({{"the first measurement", {}, Kind::double_depth, 16},
                 {"nothing is known of 16", {.rate = 900, .failures = 0.5}, Kind::hold, 16},
                 {"it is held", rest, Kind::hold, 16, 1, 9}});
  hold_at(trying, 1);
  trying.rows({{"a trial", {}, Kind::try_more, 2},
               {"passed over", {.rate = 900, .failures = 0.5}, Kind::hold, 2, 1, 3},
               {"too many: it ends", {.rate = 900, .failures = 0.5}, Kind::give_back, 1}});
  trying_less.rows({{"no more is allowed", rest, Kind::hold, 8},
                    {"a trial", {}, Kind::try_less, 6},
                    {"passed over", {.rate = 1, .failures = 0.5}, Kind::hold, 6, 1, 3},
                    {"and it goes on", {}, Kind::try_less, 6}});
}

TEST(DepthController, FreezesWhereTheWriterIsTheLimit) {
  const In writer{.writer = 0.95, .ready = 2};
  Play one(limits(1, 32)), more(limits(8, 32));
  one.rows({{"nothing less, and no larger depth is tried", writer, Kind::freeze, 1, 1, 200},
            {"the writer is quick again", {}, Kind::try_more, 2}});
  const auto played = play_against(
      more, 300, [](int depth) { return depth < 8 ? 50.0 : 100.0; }, writer);
  EXPECT_FALSE(ever(played, Kind::try_more));
  EXPECT_FALSE(ever(played, Kind::double_depth));
  EXPECT_TRUE(ever(played, Kind::freeze));
  EXPECT_EQ(more.controller().depth(), 8) << "back-pressure is not congestion";
}

TEST(DepthController, YieldsToABystanderAndRemembers) {
  Play play(limits(16, 32));
  const In suffers{.bystander = 2.5}, bears{.bystander = 1.9}, quiet{.bystander = 1.1};
  play.rows({{"too deep", suffers, Kind::yield, 12}, {"still", suffers, Kind::yield, 9}});
  const auto wants_more = [](int depth) { return 100.0 * depth; };
  for (const Played& p : play_against(play, 200, wants_more, bears)) {
    EXPECT_LE(p.depth, 9) << "remembered";
    EXPECT_NE(p.kind, Kind::yield) << "within the budget";
  }
  int most = 9, windows = 0;
  for (const Played& p : play_against(play, 400, wants_more, quiet)) {
    ++windows;
    most = std::max(most, p.depth);
    EXPECT_LE(p.depth, 9 + windows / 20) << "one more after twenty quiet windows, at most";
  }
  EXPECT_GE(most, 11) << "it does rise";
  const int before = play.controller().depth();
  EXPECT_EQ(play.window(suffers).kind, Kind::yield);
  EXPECT_LT(play.controller().depth(), before);
}

TEST(DepthController, YieldsThreadsWhereTheDepthIsOne) {
  const In suffers{.chunks_left = 0, .bystander = 3}, bears{.decode = 1, .blobs = 9, .bystander = 1.9};
  play(limits(2, 2, 3, 4), {{"the depth first", suffers, Kind::yield, 1, 3},
                            {"then a thread", suffers, Kind::yield, 1, 2},
                            {"and another", suffers, Kind::yield, 1, 1},
                            {"nothing is left to give", suffers, Kind::hold, 1, 1, 9},
                            {"and none is taken back", bears, Kind::hold, 1, 1, 9}});
}
}  // namespace
}  // namespace depthfinder
