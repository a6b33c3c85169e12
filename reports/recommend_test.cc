// SPDX-License-Identifier: MIT
#include "reports/recommend.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/regret.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDepths = R"("depth": [1, 4, 8, 16, 32], "threads": [4])";

TEST(Recommend, NamesTheLinkAndTheKnee) {
  const auto recommendation = recommend(sample::link_limited());
  ASSERT_TRUE(recommendation) << recommendation.error().message;
  const Pick& pick = recommendation->headline;
  EXPECT_EQ(pick.cell.id, "spawned-d4-t1-c1-shani-on");
  EXPECT_EQ(setting_line(*recommendation), "PBS_RESTORE_FETCH_CONCURRENCY=4 PBS_RESTORE_MAX_THREADS=1");
  EXPECT_EQ(pick.limit.kind, "link");
  EXPECT_THAT(pick.limit.text, HasSubstr("400 MB/s"));
  EXPECT_THAT(pick.reason, HasSubstr("beyond depth 4 more depth changes nothing"));
  EXPECT_NEAR(*pick.n_star, 600.0 / 230, 0.1);
  ASSERT_TRUE(recommendation->other_sha_ni);
  EXPECT_EQ(recommendation->other_sha_ni->cell.id, "spawned-d4-t2-c1-shani-off");
  EXPECT_THAT(recommendation->warnings, Contains(HasSubstr("1 trial failed")));
}

TEST(Recommend, SaysWhyEachNeighbourLost) {
  const auto recommendation = recommend(sample::link_limited());
  ASSERT_TRUE(recommendation);
  const auto reason_of = [&](const std::string& id) {
    for (const RejectedCell& other : recommendation->headline.rejected)
      if (other.cell.id == id) return other.reason;
    return std::string("not listed");
  };
  EXPECT_THAT(reason_of("spawned-d2-t1-c1-shani-on"), HasSubstr("slower than the fastest"));
  EXPECT_THAT(reason_of("spawned-d8-t1-c1-shani-on"), HasSubstr("64 MiB of buffers instead of 32 MiB"));
  EXPECT_THAT(reason_of("spawned-d4-t2-c1-shani-on"), HasSubstr("2 decode threads instead of 1"));
}

TEST(Recommend, KnowsTheOtherLimits) {
  struct Row {
    const char* kind;
    std::string server;
    void (*change)(TrialMetrics&);
  };
  const auto idle = [](TrialMetrics& metrics) {
    metrics.stages = {};
    metrics.cpu_user_s = metrics.cpu_sys_s = 0.1 * metrics.duration_s;
    metrics.mock_cpu_s = 0;
  };
  const Row rows[] = {
      {"hash", "", [](TrialMetrics& m) { m.stages.hash.busy_s = 3.4 * m.duration_s; }},
      {"decompress", "", [](TrialMetrics& m) { m.stages.decompress.busy_s = 3.4 * m.duration_s; }},
      {"transport", "", [](TrialMetrics& m) { m.stages.receive.busy_s = 0.9 * m.duration_s; }},
      {"writer", "", [](TrialMetrics& m) { m.stages.write.busy_s = 0.9 * m.duration_s; }},
      {"cpu", "", [](TrialMetrics& m) { m.cpu_user_s = 7.5 * m.duration_s; }},
      {"latency", R"("latency": "10ms")",
       [](TrialMetrics& m) { m.requests = static_cast<std::uint64_t>(380 * m.duration_s); }},
      {"unknown", "", [](TrialMetrics&) {}},
  };
  for (const Row& row : rows) {
    auto result = sample::result(sample::scenario(R"("depth": [4], "threads": [4])", row.server), 3,
                                 [](const Cell&, int block) { return 500.0 + block; });
    for (Trial& trial : result.trials) {
      idle(*trial.metrics);
      row.change(*trial.metrics);
    }
    const auto recommendation = recommend(result);
    ASSERT_TRUE(recommendation) << row.kind;
    EXPECT_EQ(recommendation->headline.limit.kind, row.kind) << recommendation->headline.limit.text;
  }
}

// The scenario gives no latency, but storage that takes as long.
TEST(Recommend, TakesTheAnswerTimeFromTheAudit) {
  auto result = sample::result(sample::scenario(R"("depth": [4], "threads": [4])"), 3,
                               [](const Cell&, int block) { return 500.0 + block; });
  for (Trial& trial : result.trials) {
    trial.metrics->stages = {};
    trial.metrics->requests = static_cast<std::uint64_t>(190 * trial.metrics->duration_s);
    trial.audit->latency_asked_p50_ms = trial.audit->latency_served_p50_ms = 20;
    trial.audit->latency_asked_p99_ms = trial.audit->latency_served_p99_ms = 20;
  }
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.limit.kind, "latency") << recommendation->headline.limit.text;
  EXPECT_THAT(recommendation->headline.limit.text, HasSubstr("4 chunks in flight can fetch at 20 ms each"));
}

TEST(Recommend, SeesThatTheLargestDepthIsNotEnough) {
  const auto result =
      sample::result(sample::scenario(kDepths), 3, [](const Cell& cell, int) { return 20.0 * cell.depth; });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 32);
  EXPECT_EQ(recommendation->headline.limit.kind, "latency");
  EXPECT_THAT(recommendation->headline.limit.text, HasSubstr("32 is the largest depth tried"));
}

TEST(Recommend, KeepsToTheMemoryBudget) {
  auto result =
      sample::result(sample::scenario(kDepths), 3, [](const Cell& cell, int) { return 20.0 * cell.depth; });
  result.scenario.memory_budget_bytes = 64ULL << 20;
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 8);
  EXPECT_THAT(recommendation->headline.rejected,
              Contains(Field(&RejectedCell::reason, HasSubstr("exceed the memory budget of 64 MiB"))));
  result.scenario.memory_budget_bytes = 1;
  EXPECT_FALSE(recommend(result));
}

TEST(Recommend, OnlyOkTrialsCount) {
  auto result = sample::result(sample::scenario(kDepths), 4,
                               [](const Cell& cell, int) { return cell.depth == 1 ? 100.0 : 500.0; });
  for (Trial& trial : result.trials)
    if (trial.cell_id == "spawned-d1-t4-c1-shani-on") {
      trial.metrics->throughput_mib_per_s = 9000;
      trial.outcome = trial.block % 2 == 0 ? TrialOutcome::invalid : TrialOutcome::cancelled;
    }
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 4);
  EXPECT_FALSE(recommendation->headline.n_star);
}

TEST(Recommend, NeverGuesses) {
  const auto all_failed = sample::result(sample::scenario(kDepths), 3, [](const Cell&, int) { return 0.0; });
  const auto recommendation = recommend(all_failed);
  ASSERT_FALSE(recommendation);
  EXPECT_EQ(recommendation.error().kind, ErrorKind::bad_input);
  auto empty = all_failed;
  empty.trials.clear();
  EXPECT_FALSE(recommend(empty));
}

TEST(Recommend, ACellValidInFewBlocksIsNotChosen) {
  const auto result = sample::result(sample::scenario(kDepths), 5, [](const Cell& cell, int block) {
    if (cell.depth == 1) return block == 0 ? 2000.0 : 0.0;
    return 500.0;
  });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 4);
  EXPECT_THAT(recommendation->headline.rejected,
              Contains(Field(&RejectedCell::reason, HasSubstr("less than half"))));
}

TEST(Recommend, TheSettingLineIsOfTheShippedStrategy) {
  const auto result =
      sample::result(sample::scenario(R"("strategy": ["spawned", "threads"], "depth": [8], "threads": [2])"),
                     3, [](const Cell& cell, int) { return cell.strategy == "threads" ? 900.0 : 600.0; });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.strategy, "threads");
  ASSERT_TRUE(recommendation->shipped);
  EXPECT_EQ(setting_line(*recommendation), "PBS_RESTORE_FETCH_CONCURRENCY=8 PBS_RESTORE_MAX_THREADS=2");
}

// Depths 1 to 32 that level off at depth 8, the fastest by a little being depth 16.
SweepResult levelling_off(int blocks) {
  return sample::result(sample::scenario(kDepths), blocks, [](const Cell& cell, int) {
    return cell.depth == 16 ? 505.0 : std::min(500.0, 70.0 * cell.depth);
  });
}

// Makes the mock late in the first `trials` trials of a cell.
void hurt(SweepResult& result, const std::string& cell_id, int trials) {
  for (Trial& trial : result.trials)
    if (trial.cell_id == cell_id && trial.block < trials) trial.audit->latency_served_p99_ms = 12.9;
}

TEST(Recommend, IsNotToBeTrustedWhenItRestsOnCellsOffTarget) {
  struct Row {
    const char* cell;
    int trials;         // of 4
    const char* words;  // why it is not to be trusted; empty: it is
    int depth;          // picked
  };
  const Row rows[] = {
      {"spawned-d8-t4-c1-shani-on", 4,
       "the pick would be spawned, depth 8, 4 threads, SHA-NI on: p99 12.9 ms", 16},
      {"spawned-d16-t4-c1-shani-on", 4, "the fastest cell would be spawned, depth 16, 4 threads", 8},
      {"spawned-d16-t4-c1-shani-on", 3, "off in 3 of 4", 8},
      {"spawned-d16-t4-c1-shani-on", 1, "", 8},
      {"spawned-d1-t4-c1-shani-on", 4, "", 8},  // left out, but nothing rests on it
      {"spawned-d32-t4-c1-shani-on", 4, "", 8},
  };
  for (const Row& row : rows) {
    auto result = levelling_off(4);
    hurt(result, row.cell, row.trials);
    const auto recommendation = recommend(result);
    ASSERT_TRUE(recommendation) << row.cell;
    EXPECT_EQ(recommendation->headline.cell.depth, row.depth) << row.cell;
    EXPECT_EQ(recommendation->rests_on_off_target(), *row.words != 0) << row.cell << " " << row.trials;
    EXPECT_THAT(distrust_line(*recommendation), HasSubstr(row.words));
    EXPECT_EQ(distrust_line(*recommendation).empty(), *row.words == 0);
    const auto document = nlohmann::json::parse(recommendation_json(*recommendation));
    EXPECT_EQ(document.at("rests_on_off_target"), *row.words != 0);
    EXPECT_EQ(document.at("off_target_reasons").empty(), *row.words == 0);
    EXPECT_EQ(recommendation_text(*recommendation).starts_with("Not to be trusted"), *row.words != 0);
  }
}

TEST(Recommend, IsNotToBeTrustedWhenTheShippedPickIsOffTarget) {
  auto result = sample::result(
      sample::scenario(R"("strategy": ["spawned", "threads"], "depth": [8, 16], "threads": [2])"), 3,
      [](const Cell& cell, int) { return cell.strategy == "threads" ? 900.0 : 600.0; });
  hurt(result, "spawned-d8-t2-c1-shani-on", 3);
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.strategy, "threads");
  EXPECT_EQ(recommendation->shipped->cell.depth, 16);
  EXPECT_THAT(recommendation->off_target_reasons,
              ElementsAre(HasSubstr("the pick of the shipped strategy would be spawned, depth 8")));
}

TEST(Recommend, LeavesCellsOffTargetOutOfEverything) {
  auto result = levelling_off(3);
  for (Trial& trial : result.trials) trial.audit->latency_served_p50_ms = 7;
  auto nothing = recommend(result);
  ASSERT_FALSE(nothing);
  EXPECT_THAT(nothing.error().message, HasSubstr("off target in every cell"));
  EXPECT_THAT(nothing.error().message, HasSubstr("p50 7.0 ms served, 0.0 ms asked"));
  EXPECT_FALSE(minimax_regret(std::vector{result}));

  result = levelling_off(3);
  hurt(result, "spawned-d1-t4-c1-shani-on", 3);
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_FALSE(recommendation->headline.n_star) << "the rate at depth 1 was used";
}

TEST(Recommend, NamesAtMostThreeCellsThatWereOffTarget) {
  auto result = levelling_off(3);
  for (const char* depth : {"1", "4", "8", "32"})
    hurt(result, fmt::format("spawned-d{}-t4-c1-shani-on", depth), 3);
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_THAT(recommendation->warnings,
              Contains(AllOf(HasSubstr("off target in 4 cells"), HasSubstr("spawned, depth 8, 4 threads"),
                             Not(HasSubstr("depth 32")), HasSubstr("and 1 more"))));
}

TEST(Recommend, CountsSingleTrialsOffTargetAndTrialsWithoutAudit) {
  auto result = levelling_off(4);
  hurt(result, "spawned-d8-t4-c1-shani-on", 1);
  for (Trial& trial : result.trials)
    if (trial.block == 3) trial.audit.reset();
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_THAT(recommendation->warnings, Contains(HasSubstr("off target in 1 single trial of cells")));
  EXPECT_THAT(recommendation->warnings, Contains(HasSubstr("5 valid trials without an audit")));
}

TEST(Recommend, SaysWhenTheMockWasTheLimit) {
  struct Row {
    const char* cell;
    const char* kind;
    const char* words;
  };
  const Row rows[] = {
      {"spawned-d8-t4-c1-shani-on", "mock",
       "the mock server's one connection thread was busy 96 % of the time: the server, not the client, is "
       "measured"},
      {"spawned-d16-t4-c1-shani-on", "mock", "seen at the fastest cell, spawned, depth 16"},
      {"spawned-d32-t4-c1-shani-on", "unknown", ""},
  };
  for (const Row& row : rows) {
    auto result = levelling_off(3);
    for (Trial& trial : result.trials)
      if (trial.cell_id == row.cell) trial.audit->busiest_connection_cpu_share = 0.96;
    const auto recommendation = recommend(result);
    ASSERT_TRUE(recommendation) << row.cell;
    EXPECT_EQ(recommendation->headline.cell.depth, 8);
    EXPECT_EQ(recommendation->headline.limit.kind, row.kind) << recommendation->headline.limit.text;
    EXPECT_THAT(recommendation->headline.limit.text, HasSubstr(row.words));
    EXPECT_THAT(recommendation->warnings,
                Contains(HasSubstr("The mock was the limit in 1 cell: spawned, depth ")));
    EXPECT_FALSE(recommendation->rests_on_off_target());
  }
}

TEST(Recommend, CountsFaultsAndLeavesTheFailedTrialsOut) {
  auto result = sample::result(sample::scenario(kDepths), 4, [](const Cell& cell, int block) {
    return cell.depth == 8 && block == 2 ? 0.0 : std::min(500.0, 70.0 * cell.depth);
  });
  for (Trial& trial : result.trials)
    if (trial.block == 2) {
      trial.audit->faults = {{"status", 2}, {"stall", 1}};
      if (trial.metrics) trial.metrics->retries = 3;
    }
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_THAT(recommendation->warnings, Contains(HasSubstr("1 trial failed and left out")));
  EXPECT_THAT(
      recommendation->warnings,
      Contains(AllOf(HasSubstr("injected 15 faults (stall 5, status 10) into 5 trials: 1 of these failed"),
                     HasSubstr("took 12 retries"))));
}

TEST(RecommendationJson, HasTheFieldsThatScriptsRelyOn) {
  const auto recommendation = recommend(sample::link_limited());
  ASSERT_TRUE(recommendation);
  const auto document = nlohmann::json::parse(recommendation_json(*recommendation));
  EXPECT_EQ(document.at("depth"), 4);
  EXPECT_EQ(document.at("threads"), 1);
  EXPECT_EQ(document.at("strategy"), "spawned");
  EXPECT_EQ(document.at("connections"), 1);
  EXPECT_EQ(document.at("limit"), "link");
  EXPECT_GE(document.at("confidence"), 0.5);
  EXPECT_GE(document.at("certified_depth"), 4);
  EXPECT_TRUE(document.at("reason").is_string());
}

TEST(Recommend, SaysWhatALargerBudgetWouldChoose) {
  const auto result = sample::result(sample::scenario(R"("depth": [8, 16, 48, 64], "threads": [4])"), 3,
                                     [](const Cell& cell, int) { return 20.0 * cell.depth; });
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 16) << "256 MiB hold 32";
  EXPECT_THAT(recommendation->headline.would_change,
              Contains(HasSubstr("With a memory budget of 512 MiB: spawned, depth 64, 4 threads")));
}

TEST(MinimaxRegret, TakesTheLeastLargestLoss) {
  const auto near = sample::result(sample::scenario(kDepths), 3,
                                   [](const Cell& cell, int) { return std::min(700.0, 600.0 * cell.depth); });
  const auto far = sample::result(sample::scenario(kDepths), 3,
                                  [](const Cell& cell, int) { return std::min(700.0, 50.0 * cell.depth); });
  const std::vector<SweepResult> results = {near, far};
  const auto choice = minimax_regret(results);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->cell.depth, 16);
  EXPECT_NEAR(choice->regret_max, 0, 1e-9);
  EXPECT_FALSE(minimax_regret({}));
  auto other = far;
  for (Trial& trial : other.trials) trial.outcome = TrialOutcome::failed;
  EXPECT_FALSE(minimax_regret(std::vector{near, other}));
}

}  // namespace
}  // namespace depthfinder
