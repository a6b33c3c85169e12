// SPDX-License-Identifier: MIT
// From trials to a verdict, and the verdict as text, Markdown, JUnit XML and JSON.
#include "reports/gate.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/sample_result.h"
#include "scenarios/strict_json.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;
using testing::Not;

// What head costs over base, per figure; 1 is the same.
struct Costs {
  double time = 1, elapsed = 1, cpu = 1, memory = 1;
};

GateTrial trial_of(const SweepResult& sample, bool head, int pair, const Costs& costs, double noise) {
  GateTrial trial;
  trial.pair = pair;
  trial.head = head;
  trial.trial = sample.trials.front();
  TrialMetrics& metrics = *trial.trial.metrics;
  const Costs cost = head ? costs : Costs{};
  metrics.throughput_mib_per_s *= (1 + noise) / cost.time;
  metrics.cpu_user_s *= cost.cpu;
  metrics.cpu_sys_s *= cost.cpu;
  metrics.peak_rss_bytes =
      static_cast<std::uint64_t>(static_cast<double>(metrics.peak_rss_bytes) * cost.memory);
  trial.elapsed_s = metrics.duration_s * cost.elapsed / (1 + noise);
  return trial;
}

void add_pairs(GateResult& result, int pairs, bool fresh, const Costs& costs) {
  const SweepResult sample = sample::link_limited();
  for (int pair = 0; pair < pairs; ++pair)
    for (const bool head : {false, true}) {
      GateTrial trial = trial_of(sample, head, pair, costs, ((pair * 7 + head * 3) % 5 - 2) * 0.004);
      trial.fresh = fresh;
      result.scenarios.front().trials.push_back(trial);
    }
}

GateResult gate_of(const Costs& costs, int pairs = 20) {
  const SweepResult sample = sample::link_limited();
  GateResult result;
  result.host = sample.host;
  result.started_at_utc = "2025-07-07T08:00:00Z";
  result.sides = {
      {{"base", "depthfinder", std::string(64, 'a')}, {"head", "depth<finder>", std::string(64, 'b')}}};
  GateScenarioResult scenario;
  scenario.scenario = sample.scenario;
  scenario.scenario_sha256 = std::string(64, 'c');
  scenario.cells = {sample.cells.front(), sample.cells.front()};
  result.scenarios.push_back(scenario);
  add_pairs(result, pairs, false, costs);
  judge_gate(result);
  return result;
}

const FigureJudgement& judgement_of(const GateResult& result, GateFigure figure) {
  return result.scenarios.front().figures[static_cast<std::size_t>(figure)].judgement;
}

TEST(Gate, TheSameCostsPass) {
  const GateResult result = gate_of({});
  EXPECT_EQ(result.verdict, GateVerdict::pass) << gate_text(result);
  EXPECT_THAT(gate_headline(result), HasSubstr("pass"));
}

TEST(Gate, EveryFigureCountsByItself) {
  const struct {
    Costs costs;
    GateFigure figure;
  } kTable[] = {{{1.08, 1, 1, 1}, GateFigure::throughput},
                {{1, 1.08, 1, 1}, GateFigure::elapsed},
                {{1, 1, 1.08, 1}, GateFigure::cpu_time},
                {{1, 1, 1, 1.08}, GateFigure::peak_memory}};
  for (const auto& row : kTable) {
    GateResult result = gate_of(row.costs);
    EXPECT_EQ(result.verdict, GateVerdict::inconclusive) << "not confirmed yet";
    EXPECT_THAT(unconfirmed(result), testing::ElementsAre(testing::ElementsAre(row.figure)));
    add_pairs(result, 10, true, row.costs);
    judge_gate(result);
    EXPECT_EQ(result.verdict, GateVerdict::regression) << gate_text(result);
    for (const GateFigure figure : kGateFigures)
      EXPECT_EQ(judgement_of(result, figure).verdict == GateVerdict::regression, figure == row.figure);
    EXPECT_NEAR(judgement_of(result, row.figure).change, 0.08, 0.005);
    EXPECT_TRUE(unconfirmed(result).front().empty());
  }
}

TEST(Gate, WhatFreshProcessesDoNotShowIsNoRegression) {
  GateResult result = gate_of({1.08, 1, 1, 1});
  add_pairs(result, 20, true, {});
  judge_gate(result);
  EXPECT_EQ(result.verdict, GateVerdict::inconclusive);
  EXPECT_EQ(judgement_of(result, GateFigure::throughput).doubt, GateDoubt::not_confirmed);
  EXPECT_THAT(gate_text(result), HasSubstr("not confirmed by 20 pairs"));
}

TEST(Gate, APairWithAnInvalidTrialIsLeftOut) {
  GateResult result = gate_of({});
  Trial& trial = result.scenarios.front().trials[5].trial;
  trial.outcome = TrialOutcome::invalid;
  trial.reason = "the mask did not take";
  judge_gate(result);
  EXPECT_EQ(judgement_of(result, GateFigure::throughput).pairs, 19);
  EXPECT_THAT(gate_text(result), HasSubstr("the mask did not take"));
}

TEST(Gate, RepeatsAreAveragedWithinTheirPair) {
  GateResult result = gate_of({}, 1);
  GateScenarioResult& scenario = result.scenarios.front();
  const SweepResult sample = sample::link_limited();
  scenario.trials.clear();
  scenario.repeats = 2;
  for (const double time : {1.02, 1.06})
    for (const bool head : {false, true})
      scenario.trials.push_back(trial_of(sample, head, 0, {time, 1, 1, 1}, 0));
  const auto differences = pair_differences(scenario, false);
  ASSERT_EQ(differences[0].size(), 1U);
  EXPECT_NEAR(differences[0][0], (std::log(1.02) + std::log(1.06)) / 2, 1e-12);
  scenario.trials.pop_back();
  EXPECT_TRUE(pair_differences(scenario, false)[0].empty()) << "half a pair is none";
}

TEST(Gate, AgainstAnotherServerThanAskedNothingPasses) {
  GateResult result = gate_of({});
  for (GateTrial& trial : result.scenarios.front().trials)
    trial.trial.audit->latency_served_p50_ms = 2 * trial.trial.audit->latency_asked_p50_ms + 5;
  judge_gate(result);
  EXPECT_EQ(result.verdict, GateVerdict::inconclusive);
  EXPECT_EQ(judgement_of(result, GateFigure::throughput).doubt, GateDoubt::mock_off_target);
  EXPECT_THAT(gate_text(result), HasSubstr("off target"));
}

TEST(Gate, IdenticalSidesSayThatNothingRan) {
  GateResult result;
  result.identical = true;
  judge_gate(result);
  EXPECT_EQ(result.verdict, GateVerdict::pass);
  for (const std::string& text : {gate_text(result), gate_markdown(result), gate_junit(result)})
    EXPECT_THAT(text, HasSubstr("nothing was run"));
}

TEST(GateText, StaysWithinEightyColumns) {
  for (const Costs& costs : {Costs{}, Costs{1.08, 1, 1, 1}, Costs{1, 1, 900, 1}}) {
    std::istringstream lines(gate_text(gate_of(costs)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(GateText, EscapesWhatItsReadersWouldTakeForMarkup) {
  GateResult result = gate_of({});
  result.scenarios.front().notes.push_back("a <b> & \"c\" | d\x01");
  result.scenarios.front().scenario.name = "a<b>&\"c\"";
  EXPECT_THAT(gate_junit(result), HasSubstr("name=\"a&lt;b&gt;&amp;&quot;c&quot;\""));
  EXPECT_THAT(gate_junit(result), Not(HasSubstr("\x01")));
  EXPECT_THAT(gate_markdown(result), HasSubstr("a \\<b\\> \\& \"c\" \\| d"));
}

TEST(GateJson, KeepsToItsSchema) {
  GateResult confirmed = gate_of({1.08, 1, 1, 1});
  add_pairs(confirmed, 10, true, {1.08, 1, 1, 1});
  judge_gate(confirmed);
  for (const GateResult& result : {gate_of({}), gate_of({}, 1), gate_of({}, 0), confirmed}) {
    const auto text = gate_json(result);
    ASSERT_TRUE(text) << text.error().message;
    const auto checked = check_schema(nlohmann::json::parse(*text), gate_schema(), "gate.json");
    EXPECT_TRUE(checked) << checked.error().message;
  }
}

TEST(GateJson, RefusesNumbersThatJsonDoesNotHave) {
  GateResult result = gate_of({});
  result.scenarios.front().trials.front().elapsed_s = std::nan("");
  const auto text = gate_json(result);
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("elapsed_s"));
}

}  // namespace
}  // namespace depthfinder
