// SPDX-License-Identifier: MIT
#include "reports/point_rule.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/sample_rule_cell.h"

namespace depthfinder {
namespace {

using testing_support::cell;
using testing_support::kNaN;

struct RuleRow {
  const char* what;
  std::vector<RuleCell> cells;
  std::size_t pick, best;
};

TEST(PointRule, PicksTheCheapestWithinFivePerCent) {
  const RuleRow rows[] = {
      {"a plateau: the smaller depth",
       {cell(1, 4, {250}), cell(4, 4, {980}), cell(8, 4, {1000}), cell(16, 4, {995})},
       1,
       2},
      {"six per cent below: too slow", {cell(4, 4, {940}), cell(8, 4, {1000})}, 1, 1},
      {"just within", {cell(4, 4, {950.1}), cell(8, 4, {1000})}, 0, 1},
      {"just outside", {cell(4, 4, {949.9}), cell(8, 4, {1000})}, 1, 1},
      {"equal depth: less CPU time wins over fewer threads",
       {cell(8, 2, {990}, 1.2), cell(8, 4, {1000}, 1.0)},
       1,
       1},
      {"CPU time within the noise: fewer threads", {cell(8, 4, {1000}, 1.0), cell(8, 2, {990}, 1.04)}, 1, 0},
      {"memory before CPU time", {cell(8, 4, {1000}, 1.0), cell(4, 4, {990}, 3.0)}, 1, 0},
      {"still rising: the largest depth", {cell(8, 4, {500}), cell(16, 4, {900}), cell(32, 4, {1700})}, 2, 2},
      {"one cell", {cell(8, 4, {500})}, 0, 0},
  };
  for (const RuleRow& row : rows) {
    const RuleChoice choice = point_rule(row.cells, 1);
    EXPECT_EQ(choice.pick, row.pick) << row.what;
    EXPECT_EQ(choice.best, row.best) << row.what;
    EXPECT_FALSE(choice.confidence) << "one block says nothing about confidence";
    EXPECT_FALSE(choice.certified);
  }
}

// A slow second block hits all cells alike; the cell that missed it must not look faster for that.
TEST(PointRule, ComparesBlockByBlock) {
  const std::vector<RuleCell> cells = {cell(4, 4, {500, kNaN, 505}), cell(8, 4, {1000, 400, 1010})};
  const RuleChoice choice = point_rule(cells, 1);
  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.pick, 1U);
  EXPECT_NEAR(choice.share_of_best[0], 0.5, 1e-9);
}

TEST(PointRule, IsConfidentWhereBlocksAgreeAndNotWhereTheyDoNot) {
  const std::vector<RuleCell> clear = {cell(4, 4, {700, 710, 690, 705}), cell(8, 4, {1000, 1010, 990, 1005})};
  EXPECT_EQ(point_rule(clear, 1).confidence, 1.0);
  const std::vector<RuleCell> noisy = {cell(4, 4, {800, 1120, 790, 1100}),
                                       cell(8, 4, {1000, 1000, 1000, 1000})};
  const auto choice = point_rule(noisy, 1);
  ASSERT_TRUE(choice.confidence);
  EXPECT_LT(*choice.confidence, 0.8);
  EXPECT_GT(*choice.confidence, 0.2);
}

std::vector<double> logs(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

// 7 % apart in the median by noise: fewer threads win, until blocks show the difference.
TEST(PointRule, CallsCpuTimeEqualUntilBlocksShowTheDifference) {
  RuleCell few = cell(8, 1, {1000, 1000, 1000, 1000}), many = cell(8, 4, {1000, 1000, 1000, 1000});
  many.log_cpu = logs({1.0, 0.9, 1.0, 1.1});
  few.log_cpu = logs({1.07, 1.10, 0.96, 1.07});
  EXPECT_EQ(point_rule(std::vector{many, few}, 1).pick, 1U);
  few.log_cpu = logs({1.12, 1.01, 1.13, 1.23});
  EXPECT_EQ(point_rule(std::vector{many, few}, 1).pick, 0U);
  few.log_cpu = logs({kNaN, 1.01, kNaN, kNaN});
  EXPECT_EQ(point_rule(std::vector{many, few}, 1).pick, 0U) << "one pair: 12 % by the ratio itself";
}

// Three blocks close together by chance show nothing where the other cells' blocks lie 8 % apart.
TEST(PointRule, TakesNoSpreadForLessThanThatOfAllCells) {
  RuleCell few = cell(8, 1, {1000, 1000, 1000}), many = cell(8, 4, {1000, 1000, 1000});
  many.log_cpu = logs({1.0, 1.0, 1.0});
  few.log_cpu = logs({1.11, 1.10, 1.09});
  EXPECT_EQ(point_rule(std::vector{many, few}, 1).pick, 0U);
  std::vector<RuleCell> field{many, few};
  for (const int depth : {16, 32, 64}) {
    field.push_back(cell(depth, 1, {1000, 1000, 1000}));
    field.back().log_cpu = logs({1.0, 1.15, 0.9});
  }
  EXPECT_EQ(point_rule(field, 1).pick, 1U);
}

// Mean 2 % below with a spread of 6 %: good enough to recommend, not to certify.
TEST(PointRule, CertifiesOnlyWhatTheBoundProves) {
  const std::vector<RuleCell> cells = {cell(4, 4, {920, 1040, 930, 1030}),
                                       cell(8, 4, {1000, 1000, 1000, 1000})};
  const auto choice = point_rule(cells, 1);
  EXPECT_EQ(choice.pick, 0U);
  ASSERT_TRUE(choice.certified);
  EXPECT_EQ(*choice.certified, 1U);
}

TEST(PointRule, DependsOnNothingButItsInput) {
  const std::vector<RuleCell> cells = {cell(4, 4, {930, 1000, 940, 970}),
                                       cell(8, 4, {1000, 1001, 1002, 1003})};
  EXPECT_EQ(point_rule(cells, 3).confidence, point_rule(cells, 3).confidence);
}

}  // namespace
}  // namespace depthfinder
