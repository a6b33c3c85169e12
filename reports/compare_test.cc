// SPDX-License-Identifier: MIT
#include "reports/compare.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;

SweepResult result_of(int blocks, double rate) {
  const Scenario scenario =
      sample::scenario(R"("strategy": ["spawned"], "depth": [4, 8], "threads": [2], "sha_ni": ["on"])");
  return sample::result(scenario, blocks, [rate](const Cell& cell, int block) {
    return cell.depth == 4 ? 100.0 + block : rate + block;
  });
}

// Nine against nine that do not overlap: 2 / C(18, 9) = 2 / 48620.
TEST(Compare, TestsCellsWithNineTrialsASide) {
  const Comparison comparison = compare_results(result_of(9, 200), result_of(9, 300));
  ASSERT_EQ(comparison.cells.size(), 2U);
  EXPECT_NEAR(*comparison.cells[1].p_value, 2.0 / 48620, 1e-12);
  EXPECT_NEAR(comparison.cells[1].change(), 304.0 / 204 - 1, 1e-12);
  EXPECT_GT(*comparison.cells[0].p_value, 0.9);
  EXPECT_TRUE(comparison.warnings.empty());
}

TEST(Compare, TestsNothingWithFewer) {
  const Comparison comparison = compare_results(result_of(8, 200), result_of(20, 300));
  EXPECT_FALSE(comparison.cells[1].p_value);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("too few"));
}

TEST(Compare, SaysThatItIsATrendAndWhatElseDiffers) {
  SweepResult after = result_of(9, 200);
  after.host.cpu_model = "another";
  const Comparison comparison = compare_results(result_of(9, 200), after);
  const std::string text = comparison_text(comparison);
  EXPECT_THAT(text, HasSubstr("Trend only"));
  EXPECT_THAT(text, HasSubstr("the hosts differ"));
  EXPECT_EQ(nlohmann::json::parse(comparison_json(comparison))["trend_only"], true);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace depthfinder
