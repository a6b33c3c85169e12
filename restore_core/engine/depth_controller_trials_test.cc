// SPDX-License-Identifier: MIT
// The depth controller while it holds a depth, as tables and against curves of goodput by depth: trials, how often, and
// when what was learnt no longer holds.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/engine/controller_play.h"

namespace depthfinder {
namespace {

using testing_support::Curve;
using testing_support::ever;
using testing_support::hold_at;
using testing_support::In;
using testing_support::limits;
using testing_support::Play;
using testing_support::play;
using testing_support::play_against;
using testing_support::Played;
using Kind = DecisionKind;

TEST(DepthController, EndsAtTheSmallestDepthThatLosesLittle) {
  struct CurveRow {
    const char* what;
    Curve rate;
    int start, depth_max;
    int least, most;  // where it must be in the end
  };
  const CurveRow rows[] = {
      {"a plateau everywhere", [](int) { return 100.0; }, 16, 32, 1, 1},
      {"a knee at 8", [](int depth) { return 100.0 * std::min(depth, 8); }, 16, 32, 8, 9},
      {"a knee at 8, from far below", [](int depth) { return 100.0 * std::min(depth, 8); }, 1, 32, 8, 9},
      {"a knee beyond the limit", [](int depth) { return 100.0 * depth; }, 2, 32, 32, 32},
      {"less is more", [](int depth) { return 1000.0 / depth; }, 16, 32, 1, 1},
      {"a peak at 6", [](int depth) { return depth < 6 ? 100.0 * depth : 3600.0 / depth; }, 16, 32, 6, 6},
  };
  for (const CurveRow& row : rows) {
    Play play(limits(row.start, row.depth_max));
    play_against(play, 2000, row.rate);
    // In the middle of a trial the depth held is not to be seen from outside: the next end of one shows it.
    int depth = play.controller().depth();
    for (int i = 0; i < 200; ++i) {
      const Played played = play_against(play, 1, row.rate).front();
      if (played.kind == Kind::hold) depth = played.depth;
    }
    EXPECT_GE(depth, row.least) << row.what;
    EXPECT_LE(depth, row.most) << row.what;
  }
}

TEST(DepthController, ALargerDepthMustProveItsGain) {
  // Depth 1 can only go up.
  const auto at_one = [](double rate) {
    return std::vector<testing_support::Row>{{"held", {.filled = 0}, Kind::hold, 1, 1, 3},
                                             {"filled again", {}, Kind::try_more, 2},
                                             {"tried, whatever it gains", {.rate = rate}, Kind::try_more, 2}};
  };
  Play better(limits(1, 8)), worse(limits(1, 8)), small(limits(1, 8));
  better.rows(at_one(110));
  better.rows({{"the second window: the held depth's turn", {.rate = 110}, Kind::try_more, 1},
               {"held again", {.rate = 100}, Kind::try_more, 1},
               {"and as before: 10 % are proven", {.rate = 100}, Kind::keep, 2}});
  worse.rows({{"held", {.filled = 0}, Kind::hold, 1, 1, 3},
              {"filled again", {}, Kind::try_more, 2},
              {"half of it is a clear loss", {.rate = 50}, Kind::give_back, 1}});
  const auto played = play_against(small, 60, [](int depth) { return depth > 1 ? 103.0 : 100.0; });
  EXPECT_TRUE(ever(played, Kind::try_more));
  EXPECT_FALSE(ever(played, Kind::keep)) << "3 % are no gain";
}

TEST(DepthController, ASmallerDepthIsKeptOnAPlateau) {
  Play plateau(limits(8, 8)), slope(limits(8, 8));
  const auto kept = play_against(plateau, 30, [](int) { return 100.0; });
  EXPECT_TRUE(ever(kept, Kind::try_less));
  EXPECT_TRUE(ever(kept, Kind::keep));
  EXPECT_FALSE(ever(kept, Kind::give_back)) << "nothing was lost";
  const auto given_back = play_against(slope, 30, [](int depth) { return 100.0 - 5 * (8 - depth); });
  EXPECT_TRUE(ever(given_back, Kind::try_less));
  EXPECT_TRUE(ever(given_back, Kind::give_back));
  EXPECT_FALSE(ever(given_back, Kind::keep)) << "10 % less for two chunks less";
}

// Windows at the held depth before each trial of this kind.
std::vector<int> waits_before(const std::vector<Played>& played, Kind trial) {
  std::vector<int> waits;
  int held = 0;
  bool trying = false;
  for (const Played& p : played) {
    const bool tries = p.kind == trial;
    if (!trying) ++held;
    if (tries && !trying) {
      waits.push_back(held);
      held = 0;
    }
    trying = tries;
  }
  return waits;
}

TEST(DepthController, ProbesLessOftenAfterEachFailedTrial) {
  Play play(limits(1, 8));
  play.rows({{"held", {.filled = 0}, Kind::hold, 1}});
  const auto waits = waits_before(play_against(play, 400, [](int) { return 100.0; }), Kind::try_more);
  ASSERT_GE(waits.size(), 8U);
  EXPECT_EQ(std::vector<int>(waits.begin(), waits.begin() + 8),
            (std::vector<int>{1, 4, 8, 16, 32, 64, 64, 64}));
}

TEST(DepthController, TheNextTrialWaitsUntilTheTimeHasPaidForTheLast) {
  Play play(limits(8, 8));
  const auto played = play_against(play, 3000, [](int depth) { return depth < 8 ? 5.0 : 100.0; });
  const auto tried = std::count_if(played.begin(), played.end(), [](const Played& p) { return p.at < 8; });
  const double lost_windows = 0.95 * static_cast<double>(tried);
  EXPECT_GE(tried, 5);
  EXPECT_LE(lost_windows, 0.01 * 3000 + 2) << "1 % of the time, and the last trial";
}

TEST(DepthController, ErrorsAtALargerDepthEndItsTrial) {
  Play play(limits(8, 32));
  play.rows({{"held", {.filled = 0, .chunks_left = 0}, Kind::hold, 8, 1, 3}});
  const auto slope = [](int depth) { return depth < 8 ? 10.0 : 100.0; };
  for (int i = 0; i < 50 && play.controller().depth() <= 8; ++i) play_against(play, 1, slope);
  play.rows({{"tried: errors", {.failures = 1}, Kind::give_back, 8},
             {"and no half of what was good", {.chunks_left = 0}, Kind::hold, 8, 1, 5}});
}

TEST(DepthController, MakesNoMoveNearTheEnd) {
  play(limits(8, 32), {{"at the start", {.chunks_left = 8}, Kind::hold, 8, 1, 200}});
  Play late(limits(8, 32));
  late.rows({{"the first measurement", {}, Kind::double_depth, 16},
             {"50 % more, and the end is near", {.rate = 150, .chunks_left = 16}, Kind::hold, 16, 1, 200},
             {"another level", {.rate = 15, .chunks_left = 16}, Kind::hold, 16, 1, 9}});
}

TEST(DepthController, BeginsAgainAtAnotherLevel) {
  const In rest{.filled = 0.5, .chunks_left = 0}, less{.rate = 80, .filled = 0.5, .chunks_left = 0};
  Play drop(limits(16, 32)), rise(limits(16, 32)), not_filled(limits(16, 32)), slow(limits(16, 32));
  for (Play* play : {&drop, &rise, &not_filled, &slow}) {
    hold_at(*play, 16);
    play->rows({{"held", rest, Kind::hold, 16, 1, 6}});
  }
  drop.rows({{"a fifth of the rate", {.rate = 20}, Kind::double_depth, 32},
             {"32 is no better", {.rate = 20}, Kind::give_back, 16}});
  rise.rows({{"five times the rate", {.rate = 500}, Kind::double_depth, 32},
             {"and 32 is better", {.rate = 750}, Kind::hold, 32}});
  not_filled.rows({{"a fifth, and 16 are not in use", {.rate = 20, .filled = 0.5}, Kind::hold, 16}});
  slow.rows({{"20 % less may be noise", less, Kind::hold, 16},
             {"it was", rest, Kind::hold, 16, 1, 4},
             {"20 % less may be noise", less, Kind::hold, 16},
             {"twice in a row is none", {.rate = 80}, Kind::double_depth, 32}});
}
}  // namespace
}  // namespace depthfinder
