// SPDX-License-Identifier: MIT
#include "reports/racing.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/sample_rule_cell.h"

namespace depthfinder {
namespace {

using testing_support::cell;
using testing_support::kNaN;

RaceStandings race(const std::vector<RuleCell>& cells) { return race_standings(cells, point_rule(cells, 1)); }

struct StandingRow {
  const char* what;
  std::vector<RuleCell> cells;
  std::vector<Standing> standings;
};

constexpr Standing kContender = Standing::contender, kHopeless = Standing::hopeless,
                   kOutdone = Standing::outdone;

TEST(Racing, GivesUpWhatCannotBeThePick) {
  const StandingRow rows[] = {
      {"half as fast", {cell(1, 2, {500, 505, 495}), cell(8, 2, {1000, 1005, 995})}, {kHopeless, kContender}},
      {"just below the tolerance: not clear yet",
       {cell(1, 2, {940, 945, 935}), cell(8, 2, {1000, 1005, 995})},
       {kContender, kContender}},
      {"far below, but in one block above: not proven",
       {cell(1, 2, {500, 1100, 500}), cell(8, 2, {1000, 1000, 1000})},
       {kContender, kContender}},
      {"a plateau: the pick is as good, and what is deeper costs more",
       {cell(4, 2, {998, 1001, 999}), cell(8, 2, {1000, 1003, 1001}), cell(16, 2, {997, 1000, 1001})},
       {kContender, kContender, kOutdone}},
      {"a plateau of one depth: more threads for the same CPU time",
       {cell(8, 2, {999, 1000, 1001}), cell(8, 4, {1000, 999, 1000}), cell(16, 2, {1001, 1002, 1003})},
       {kContender, kOutdone, kContender}},
      {"more CPU time",
       {cell(8, 4, {999, 999, 999}, 1.2), cell(8, 2, {1000, 1000, 1000})},
       {kOutdone, kContender}},
      {"the pick is not certain: what is deeper stays",
       {cell(4, 2, {940, 990, 965}), cell(8, 2, {1000, 1000, 1000}), cell(16, 2, {1000, 960, 1020})},
       {kContender, kContender, kContender}},
      {"one block tells nothing",
       {cell(1, 2, {500, kNaN, kNaN}), cell(8, 2, {1000, 1000, 1000})},
       {kContender, kContender}},
  };
  for (const StandingRow& row : rows) {
    const RaceStandings standings = race(row.cells);
    ASSERT_EQ(standings.cells.size(), row.standings.size());
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      EXPECT_EQ(standings.cells[i].standing, row.standings[i]) << row.what << ", cell " << i;
  }
}

// Three ratios that happen to agree prove less than their spread says, where other cells spread more.
TEST(Racing, BorrowsTheSpreadOfOtherCells) {
  const auto close = cell(2, 2, {930, 930, 930}), best = cell(8, 2, {1000, 1000, 1000});
  EXPECT_EQ(race({close, best}).cells[0].standing, kHopeless);
  EXPECT_EQ(
      race({close, best, cell(4, 2, {900, 1000, 1100}), cell(6, 2, {1100, 890, 1000})}).cells[0].standing,
      kContender);
}

// sd of {-d, 0, d} is d: 8 blocks are the least, and what 3 blocks show is (2.920 + 0.842) sd / sqrt(3).
TEST(Racing, SaysHowManyBlocksItTakes) {
  const double d = 0.02;
  const auto standings =
      race({cell(4, 2, {970 * std::exp(-d), 970, 970 * std::exp(d)}), cell(8, 2, {1000, 1000, 1000})});
  EXPECT_NEAR(standings.log_sd, d, 1e-9);
  EXPECT_EQ(standings.blocks_needed, 8);
  EXPECT_NEAR(std::log1p(standings.detectable_effect), (2.920 + 0.842) * d / std::sqrt(3.0), 1e-4);
}

TEST(PointRule, ADroppedCellIsNeitherBestNorPick) {
  std::vector<RuleCell> cells = {cell(2, 2, {990, 990, kNaN}), cell(4, 2, {1000, 1000, 900}),
                                 cell(8, 2, {1010, 1010, kNaN})};
  cells[0].dropped = cells[2].dropped = true;
  const RuleChoice choice = point_rule(cells, 1);
  EXPECT_EQ(choice.pick, 1U);
  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.confidence, 1.0);
  EXPECT_NEAR(choice.share_of_best[0], 0.99, 1e-9) << "over the blocks that both have";
  EXPECT_NEAR(choice.share_of_best[2], 1.01, 1e-9);
}

}  // namespace
}  // namespace depthfinder
