// SPDX-License-Identifier: MIT
// The gate's rule: by hand on made pairs, and its error rates in simulation, on a machine whose speed drifts.
#include "reports/gate_rule.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "reports/statistics.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

using Figures = std::vector<PairDifferences>;

// `pairs` differences around ln(1 + change), alternately `spread` above and below.
PairDifferences pairs_of(double change, double spread, int pairs) {
  PairDifferences d;
  for (int i = 0; i < pairs; ++i)
    d.push_back(std::log1p(change) + (i % 2 == 0 ? spread : -spread) * (1 + i * 0.01));
  return d;
}

FigureJudgement judge(const PairDifferences& d) { return judge_figures(Figures{d}, GateRule{}).front(); }

TEST(GateRule, KnowsAPassARegressionAndADoubt) {
  EXPECT_EQ(judge(pairs_of(0, 0.01, 20)).verdict, GateVerdict::pass);
  EXPECT_EQ(judge(pairs_of(-0.5, 0.01, 20)).verdict, GateVerdict::pass);
  EXPECT_EQ(judge(pairs_of(0.05, 0.01, 20)).verdict, GateVerdict::regression);
  EXPECT_EQ(judge(pairs_of(0.05, 0.01, 20)).doubt, GateDoubt::none);
  const FigureJudgement noisy = judge(pairs_of(0, 0.15, 20));
  EXPECT_EQ(noisy.verdict, GateVerdict::inconclusive);
  EXPECT_EQ(noisy.doubt, GateDoubt::too_noisy);
  EXPECT_LT(noisy.power, 0.5);
  EXPECT_GT(*noisy.high, 0.05);
}

TEST(GateRule, ASlowdownWithinTheMarginIsNone) {
  EXPECT_EQ(judge(pairs_of(0.015, 0.005, 20)).verdict, GateVerdict::pass);
}

TEST(GateRule, NeverPassesOnFewPairs) {
  for (const int pairs : {0, 1, 2, 9}) {
    const FigureJudgement judgement = judge(pairs_of(0, 0.001, pairs));
    EXPECT_EQ(judgement.verdict, GateVerdict::inconclusive) << pairs;
    EXPECT_EQ(judgement.doubt, GateDoubt::too_few_pairs) << pairs;
    EXPECT_EQ(judgement.pairs, pairs);
  }
  EXPECT_EQ(judge(pairs_of(0.5, 0.001, 9)).verdict, GateVerdict::inconclusive);
}

TEST(GateRule, FiguresWithoutSpreadHaveAVerdict) {
  EXPECT_EQ(judge(PairDifferences(20, 0.0)).verdict, GateVerdict::pass);
  EXPECT_EQ(judge(PairDifferences(20, 0.0)).power, 1);
  EXPECT_EQ(judge(PairDifferences(10, std::log(1.1))).verdict, GateVerdict::regression);
}

TEST(GateRule, OutliersProveNothing) {
  PairDifferences d = pairs_of(0, 0.002, 20);
  d[3] = d[11] = 0.9;  // the mean says +9 %, the ranks say nothing happened
  const FigureJudgement judgement = judge(d);
  EXPECT_EQ(judgement.verdict, GateVerdict::inconclusive);
  EXPECT_EQ(judgement.doubt, GateDoubt::outliers);
  EXPECT_LT(judgement.change_ranks, 0.01);
  d[3] = d[11] = -0.9;  // nor in the other direction
  EXPECT_EQ(judge(d).doubt, GateDoubt::outliers);
}

TEST(GateRule, ALargeChangeIsOneHoweverLargeExactly) {
  PairDifferences d = pairs_of(0.8, 0.05, 20);
  d[3] += 1;  // mean and ranks are 3 % apart, and both far above the margin
  EXPECT_EQ(judge(d).verdict, GateVerdict::regression);
}

TEST(GateRule, LooksTwiceAndOnlyTwice) {
  const GateRule rule;
  for (const int pairs : {1, 9, 11, 15, 19})
    EXPECT_FALSE(gate_is_decided(Figures{pairs_of(0.5, 0.001, pairs)}, 1, rule)) << pairs;
  EXPECT_TRUE(gate_is_decided(Figures{pairs_of(0, 0.001, 10)}, 1, rule));
  EXPECT_TRUE(gate_is_decided(Figures{pairs_of(0.5, 0.001, 10)}, 1, rule));
  EXPECT_FALSE(gate_is_decided(Figures{pairs_of(0.02, 0.05, 10)}, 1, rule));
  EXPECT_TRUE(gate_is_decided(Figures{pairs_of(0.02, 0.05, 20)}, 1, rule));
  // One figure that is still open keeps the others waiting; one that is rejected does not.
  EXPECT_FALSE(gate_is_decided(Figures{pairs_of(0, 0.001, 10), pairs_of(0.02, 0.05, 10)}, 2, rule));
  EXPECT_TRUE(gate_is_decided(Figures{pairs_of(0.5, 0.001, 10), pairs_of(0.02, 0.05, 10)}, 2, rule));
}

TEST(GateRule, WhatStopsEarlyWithoutAVerdictSaysSo) {
  const auto judgements =
      judge_figures(Figures{pairs_of(0.5, 0.001, 10), pairs_of(0.02, 0.05, 10)}, GateRule{});
  EXPECT_EQ(judgements[0].verdict, GateVerdict::regression);
  EXPECT_EQ(judgements[1].doubt, GateDoubt::cut_short);
}

TEST(GateRule, ManyFiguresNeedStrongerProof) {
  const PairDifferences d = pairs_of(0.040, 0.026, 20);
  const FigureJudgement alone = judge(d);
  EXPECT_EQ(alone.verdict, GateVerdict::regression) << alone.p_holm;
  Figures many(24, pairs_of(0, 0.01, 20));
  many[0] = d;
  const FigureJudgement among = judge_figures(many, GateRule{}).front();
  EXPECT_NEAR(among.p_holm, 24 * alone.p_value, 1e-9);
  EXPECT_NE(among.verdict, GateVerdict::regression);
}

// A machine whose log speed drifts as AR(1) from trial to trial (4 %, 0.9) with 1 % of white noise on top, which is
// 2.3 % per pair of neighbours; CPU time has noise of its own, memory little.
class Machine {
 public:
  explicit Machine(std::uint64_t seed) : random_(seed) { drift_ = kSigma * normal(); }

  // One pair; head's time and CPU time are `slowdown` worse. Figures: throughput, elapsed time, CPU time, peak memory.
  void add_pair(double slowdown, Figures& figures) {
    const bool head_first = random_.below(2) == 0;
    double time[2], cpu[2];
    for (int i = 0; i < 2; ++i) {
      const bool head = (i == 0) == head_first;
      drift_ = kKeep * drift_ + kSigma * std::sqrt(1 - kKeep * kKeep) * normal();
      time[head] = drift_ + 0.01 * normal() + (head ? std::log1p(slowdown) : 0);
      cpu[head] = 0.5 * drift_ + 0.015 * normal() + (head ? std::log1p(slowdown) : 0);
    }
    figures[0].push_back(time[1] - time[0]);
    figures[1].push_back(0.9 * (time[1] - time[0]) + 0.003 * normal());
    figures[2].push_back(cpu[1] - cpu[0]);
    figures[3].push_back(0.004 * normal());
  }

 private:
  static constexpr double kSigma = 0.04, kKeep = 0.9;

  double normal() {
    return std::sqrt(-2 * std::log(1 - random_.uniform())) *
           std::cos(2 * std::numbers::pi * random_.uniform());
  }

  Random random_;
  double drift_ = 0;
};

Figures measure(Machine& machine, double slowdown, const GateRule& rule, bool until_decided) {
  Figures figures(4);
  do machine.add_pair(slowdown, figures);
  while (!(until_decided ? gate_is_decided(figures, 4, rule)
                         : static_cast<int>(figures[0].size()) == rule.first_look));
  return figures;
}

struct SimulatedRun {
  bool rejected = false, regression = false, passed = true;
};

// A whole run: both looks, then the confirmation of what was rejected.
SimulatedRun simulated_run(double slowdown, std::uint64_t seed) {
  const GateRule rule;
  Machine machine(seed);
  SimulatedRun run;
  const auto judgements = judge_figures(measure(machine, slowdown, rule, true), rule);
  Figures fresh = measure(machine, slowdown, rule, false);
  for (int look = 0; look < 2; ++look) {
    for (std::size_t i = 0; i < judgements.size(); ++i) {
      const bool rejected = judgements[i].verdict == GateVerdict::regression;
      run.rejected = run.rejected || rejected;
      run.regression = run.regression || (rejected && is_confirmed(fresh[i], rule));
      run.passed = run.passed && judgements[i].verdict == GateVerdict::pass;
    }
    while (static_cast<int>(fresh[0].size()) < rule.last_look) machine.add_pair(slowdown, fresh);
  }
  return run;
}

struct Rates {
  int rejected = 0, regression = 0, passed = 0;
};

Rates rates(double slowdown, int runs) {
  Rates result;
  for (int i = 0; i < runs; ++i) {
    const SimulatedRun run = simulated_run(slowdown, mix_seed(20250707, i, static_cast<int>(slowdown * 1e4)));
    result.rejected += run.rejected;
    result.regression += run.regression;
    result.passed += run.passed;
  }
  return result;
}

constexpr int kRuns = 1500;

TEST(GateSimulation, TheSameBuildTwiceRaisesNoAlarm) {
  const Rates same = rates(0, kRuns);
  EXPECT_LT(clopper_pearson(same.regression, kRuns).high, 0.01);
  EXPECT_GT(clopper_pearson(same.passed, kRuns).low, 0.90);
}

// The hardest case of "no slowdown": exactly the margin, in two figures that move together and a third.
TEST(GateSimulation, AtTheMarginAlarmsStayWithinTheFamilysError) {
  const Rates margin = rates(0.02, kRuns);
  EXPECT_LT(clopper_pearson(margin.rejected, kRuns).low, 0.01);
  EXPECT_LT(clopper_pearson(margin.regression, kRuns).high, 0.01);
}

TEST(GateSimulation, FivePercentAreFound) {
  const Rates five = rates(0.05, kRuns);
  EXPECT_GT(clopper_pearson(five.regression, kRuns).high, 0.95);
  EXPECT_GT(five.regression, 0.95 * kRuns);
  EXPECT_LT(clopper_pearson(five.passed, kRuns).low, 0.01);
}

}  // namespace
}  // namespace depthfinder
