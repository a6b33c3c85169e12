// SPDX-License-Identifier: MIT
#include "reports/auto_depth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/recommend.h"
#include "reports/regret.h"
#include "reports/report_html.h"
#include "reports/result_json.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAxes = R"("strategy": ["pipelined"], "depth": [1, 4, 8, 16, "auto"], "threads": [2])";

// 100 MiB/s for each chunk in flight up to 800; auto loses 2, 4, 6 and 40 % of that, block by block.
SweepResult auto_result(const char* axes = kAxes) {
  return sample::result(sample::scenario(axes), 4, [](const Cell& cell, int block) {
    constexpr double kLost[] = {0.02, 0.04, 0.06, 0.4};
    if (is_adaptive(cell)) return 800 * (1 - kLost[block]);
    return std::min(800.0, 100.0 * cell.depth) + (cell.depth == 8 ? 1e-9 : 0);
  });
}

AutoSummary only_summary(const SweepResult& result) {
  const auto summaries = summarise_cells(result);
  auto all = summarise_auto(result, summaries);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? AutoSummary() : all.front();
}

TEST(SummariseAuto, ComparesWithTheBestFixedCellBlockByBlock) {
  const AutoSummary summary = only_summary(auto_result());
  EXPECT_EQ(summary.cell.id, "pipelined-dauto-t2-c1-shani-on");
  EXPECT_EQ(summary.depth_mean, 6);
  EXPECT_EQ(summary.threads_mean, 2);
  ASSERT_TRUE(summary.regret);
  EXPECT_EQ(summary.regret->best.depth, 8);
  EXPECT_EQ(summary.regret->blocks, 4);
  EXPECT_NEAR(summary.regret->median, 0.05, 1e-9);
  EXPECT_NEAR(summary.regret->worst, 0.4, 1e-9);
  EXPECT_GE(summary.regret->interval.low, 0.02 - 1e-9);
  EXPECT_LE(summary.regret->interval.high, 0.4 + 1e-9);
  EXPECT_FALSE(summary.time_to_95_s) << "there are no traces";
  EXPECT_EQ(summary.traces, 0);
}

TEST(SummariseAuto, KnowsItsTwins) {
  struct Row {
    const char* axes;
    const char* best;  // null: none
  };
  const Row rows[] = {
      {R"("strategy": ["pipelined"], "depth": [4, 8, "auto"], "threads": [2, "auto"])",
       "pipelined-d8-t2-c1-shani-on"},
      {R"("strategy": ["pipelined"], "depth": ["auto"], "threads": [2])", nullptr},
  };
  for (const Row& row : rows) {
    const SweepResult result = auto_result(row.axes);
    const auto summaries = summarise_cells(result);
    for (const AutoSummary& summary : summarise_auto(result, summaries)) {
      ASSERT_EQ(summary.regret.has_value(), row.best != nullptr) << summary.cell.id;
      if (summary.regret) {
        EXPECT_EQ(summary.regret->best.threads, 2);
      }
    }
  }
}

TEST(SummariseAuto, ChoosesTheBestFixedCellWithinTheBudgets) {
  auto result = auto_result();
  result.scenario.memory_budget_bytes = 32ULL << 20;
  const AutoSummary summary = only_summary(result);
  ASSERT_TRUE(summary.regret);
  EXPECT_EQ(summary.regret->best.depth, 4);
  EXPECT_LT(summary.regret->median, 0) << "it may be faster than what is permitted to fixed cells";
}

// The image is 1/16 zero, so that 95 % of 800 MiB/s of image are 712.5 MiB/s of fetched chunks.
TEST(SummariseAuto, TakesTheTimeFromTheTrace) {
  struct Row {
    std::vector<double> goodputs;  // of every trial, at 1, 2, ... s
    std::optional<double> time_s;
    int reached;
  };
  const Row rows[] = {{{100, 700, 713, 800}, 3, 4}, {{712, 712}, std::nullopt, 0}, {{713}, 1, 4}};
  for (const Row& row : rows) {
    auto result = auto_result();
    for (Trial& trial : result.trials) {
      if (trial.cell_id != "pipelined-dauto-t2-c1-shani-on") continue;
      for (const double goodput : row.goodputs)
        trial.metrics->depth_trace.push_back(
            {static_cast<double>(trial.metrics->depth_trace.size() + 1), 2, 2, goodput, "hold", ""});
    }
    const AutoSummary summary = only_summary(result);
    EXPECT_EQ(summary.time_to_95_s, row.time_s);
    EXPECT_EQ(summary.traces, 4);
    EXPECT_EQ(summary.traces_that_reached_95, row.reached);
  }
}

TEST(Recommend, DoesNotChooseCellsThatAdapt) {
  auto result = sample::result(sample::scenario(kAxes), 3, [](const Cell& cell, int) {
    return is_adaptive(cell) ? 5000.0 : 100.0 * std::min(cell.depth, 8);
  });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation) << recommendation.error().message;
  EXPECT_EQ(recommendation->headline.cell.depth, 8);
  EXPECT_EQ(recommendation->headline.best.depth, 8);
  ASSERT_EQ(recommendation->automatic.size(), 1U);
  EXPECT_THAT(recommendation_text(*recommendation),
              HasSubstr("Against the best fixed setting, pipelined, depth 8"));
  const auto document = nlohmann::json::parse(recommendation_json(*recommendation));
  EXPECT_EQ(document.at("automatic").at(0).at("cell").at("depth"), "auto");
  EXPECT_EQ(document.at("automatic").at(0).at("regret").at("best").at("depth"), 8);
}

TEST(Recommend, SaysWhenThereIsNoFixedCell) {
  const auto result = auto_result(R"("strategy": ["pipelined"], "depth": ["auto"], "threads": [2])");
  const auto recommendation = recommend(result);
  ASSERT_FALSE(recommendation);
  EXPECT_THAT(recommendation.error().message, HasSubstr("finds its own setting"));
  EXPECT_THAT(report_html(result, recommendation),
              AllOf(HasSubstr("No recommendation"), HasSubstr("Depth that finds itself")));
}

TEST(MinimaxRegret, LeavesAdaptiveCellsOut) {
  const std::vector<SweepResult> results = {auto_result(), auto_result()};
  const auto choice = minimax_regret(results);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->cell.depth, 8);
}

TEST(ReportHtml, ShowsTheTraceEscaped) {
  auto result = sample::with_auto_and_bystander();
  const std::string page = report_html(result, recommend(result));
  EXPECT_THAT(
      page, AllOf(HasSubstr("Depth over time"), HasSubstr("Goodput over time"), HasSubstr("All 10 decisions"),
                  HasSubstr("&lt;doubled again&gt;"), Not(HasSubstr("<doubled"))));
  for (Trial& trial : result.trials)
    if (trial.metrics->depth_trace.size() > 1)
      trial.metrics->depth_trace.resize(1000, trial.metrics->depth_trace.back());
  EXPECT_THAT(report_html(result, recommend(result)), HasSubstr("The first 100 of 1000 decisions"));
}

}  // namespace
}  // namespace depthfinder
