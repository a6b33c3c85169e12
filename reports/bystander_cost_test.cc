// SPDX-License-Identifier: MIT
#include "reports/bystander_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/recommend.h"
#include "reports/report_html.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

// Depths 1 to 16 that gain up to 8, and a bystander whose p99 takes 1 + depth / 10 times as long.
SweepResult watched() {
  auto result = sample::result(sample::scenario(R"("depth": [1, 4, 8, 16], "threads": [4])"), 3,
                               [](const Cell& cell, int) { return 100.0 * std::min(cell.depth, 8); });
  result.scenario.bystander = "both";
  for (Trial& trial : result.trials) {
    const double depth = trial.metrics->depth_mean;
    trial.metrics->bystander = BystanderFigures{"both", {200, 1, 2, {}, 4}, {300, 1.2, 2 + depth / 5, {}, 9},
                                                1.2,    1 + depth / 10,     {}};
  }
  return result;
}

TEST(BystanderRatio, IsTheMedianOfTheTrialsThatHaveIt) {
  auto result = watched();
  result.trials[0].metrics->bystander->ratio_p99 = 50;  // one wild block of depth 1
  auto cell = summarise_cells(result).front();
  EXPECT_DOUBLE_EQ(*bystander_ratio(cell, BystanderPercentile::p99), 1.1);
  EXPECT_DOUBLE_EQ(*bystander_ratio(cell, BystanderPercentile::p50), 1.2);
  EXPECT_FALSE(bystander_ratio(cell, BystanderPercentile::p999));
  EXPECT_DOUBLE_EQ(*bystander_ms(cell, &BystanderTimes::p99_ms, &BystanderFigures::beside), 2.2);
  for (Trial& trial : result.trials)
    if (trial.block > 0) trial.metrics->bystander.reset();
  cell = summarise_cells(result).front();
  EXPECT_FALSE(bystander_ratio(cell, BystanderPercentile::p99))
      << "measured in fewer than half of the trials";
}

TEST(Recommend, KeepsToTheBystanderBudget) {
  struct Row {
    const char* budget;
    int depth;
    const char* words;  // why a faster cell was not taken
  };
  const Row rows[] = {
      {"p99<1.9x", 8, "it makes the bystander's p99 2.60 times as long, over the budget of p99<1.9x"},
      {"p99<1.8x", 4, "it makes the bystander's p99 1.80 times as long"},
      {"p99<1.2x", 1, "it makes the bystander's p99 1.40 times as long"},
      {"p50<1.3x", 8, nullptr}};
  for (const Row& row : rows) {
    auto result = watched();
    result.scenario.bystander_budget = *parse_bystander_budget(row.budget);
    const auto recommendation = recommend(result);
    ASSERT_TRUE(recommendation) << row.budget;
    EXPECT_EQ(recommendation->headline.cell.depth, row.depth) << row.budget;
    ASSERT_TRUE(recommendation->headline.certified);
    EXPECT_EQ(recommendation->headline.certified->depth, row.depth) << row.budget;
    EXPECT_NEAR(*recommendation->headline.bystander_p99, 1 + row.depth / 10.0, 1e-9);
    if (row.words != nullptr) {
      EXPECT_THAT(recommendation->headline.rejected,
                  Contains(Field(&RejectedCell::reason, HasSubstr(row.words))));
    }
    const auto document = nlohmann::json::parse(recommendation_json(*recommendation));
    EXPECT_EQ(document.at("bystander_budget"), row.budget);
    EXPECT_THAT(recommendation_text(*recommendation), HasSubstr(std::string("budget: ") + row.budget));
  }
}

TEST(Recommend, RecommendsNothingThatIsNotShownToKeepToTheBudget) {
  auto result = watched();
  result.scenario.bystander_budget = BystanderBudget{BystanderPercentile::p99, 1.05};
  auto recommendation = recommend(result);
  ASSERT_FALSE(recommendation);
  EXPECT_THAT(recommendation.error().message,
              AllOf(HasSubstr("no cell keeps to the budgets"), HasSubstr("1.10 times")));

  result.scenario.bystander_budget = BystanderBudget{BystanderPercentile::p999, 100};
  recommendation = recommend(result);
  ASSERT_FALSE(recommendation);
  EXPECT_THAT(recommendation.error().message, HasSubstr("p999 was not measured"));
}

// Twelve MiB of chunk cache more or less decide before; here the cells cost the same but for the bystander.
TEST(PointRule, PrefersWhatTheBystanderFeelsLess) {
  auto result = sample::result(
      sample::scenario(R"("strategy": ["pipelined"], "depth": [8], "threads": [2], "writers": [1, 2])"), 3,
      [](const Cell&, int) { return 500.0; });
  for (Trial& trial : result.trials)
    trial.metrics->bystander =
        BystanderFigures{"cpu", {}, {}, 1, trial.cell_id.ends_with("-w2") ? 1.2 : 1.5, {}};
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.writers, 2);
  EXPECT_THAT(recommendation->headline.rejected,
              Contains(Field(&RejectedCell::reason,
                             HasSubstr("bystander's p99 1.50 times as long instead of 1.20"))));
}

TEST(ReportHtml, ShowsWhatANeighbourFeels) {
  auto result = watched();
  EXPECT_THAT(report_html(result, recommend(result)), AllOf(HasSubstr("What a neighbour feels"),
                                                            HasSubstr("\xe2\x80\x9c"
                                                                      "both"),
                                                            Not(HasSubstr("over</td>"))));
  result.scenario.bystander_budget = BystanderBudget{BystanderPercentile::p99, 1.5};
  EXPECT_THAT(report_html(result, recommend(result)),
              AllOf(HasSubstr("budget p99&lt;1.5x"), HasSubstr(">over</td>"), HasSubstr(">within</td>")));
  for (Trial& trial : result.trials) trial.metrics->bystander.reset();
  result.scenario.bystander_budget.reset();
  EXPECT_THAT(report_html(result, recommend(result)), Not(HasSubstr("neighbour feels")));
}

TEST(Recommend, ChoosesForEachKindOfCpu) {
  const auto result = sample::result(
      sample::scenario(R"("strategy": ["pipelined"], "depth": [4, 8], "threads": [2], "sha_ni": ["on", "off"],
                          "vectors": ["all", "avx2"])"),
      3, [](const Cell& cell, int) {
        const double per_chunk = cell.vectors == Vectors::all ? 100 : cell.sha_ni == ShaNi::on ? 80 : 20;
        return std::min(cell.sha_ni == ShaNi::on ? 800.0 : 300.0, per_chunk * cell.depth);
      });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.id, "pipelined-d8-t2-c1-shani-on");
  ASSERT_TRUE(recommendation->other_sha_ni);
  EXPECT_EQ(recommendation->other_sha_ni->cell.id, "pipelined-d4-t2-c1-shani-off");
  ASSERT_EQ(recommendation->other_cpus.size(), 2U);
  EXPECT_EQ(recommendation->other_cpus[0].cell.id, "pipelined-d8-t2-c1-shani-on-avx2");
  EXPECT_EQ(recommendation->other_cpus[1].cell.id, "pipelined-d8-t2-c1-shani-off-avx2");
  EXPECT_THAT(recommendation_text(*recommendation),
              HasSubstr("On a host with SHA-NI off, AVX2 at most: pipelined"));
  EXPECT_THAT(report_html(result, recommendation), HasSubstr("Throughput, SHA-NI off, AVX2 at most"));
}

}  // namespace
}  // namespace depthfinder
