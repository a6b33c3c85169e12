// SPDX-License-Identifier: MIT
#include "reports/gate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "reports/audit.h"
#include "reports/paired.h"
#include "reports/statistics.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

bool is_valid(const GateTrial& trial) {
  return trial.trial.outcome == TrialOutcome::ok && trial.trial.metrics && trial.elapsed_s > 0;
}

double gib(const TrialMetrics& metrics) { return static_cast<double>(metrics.logical_bytes) * 0x1.0p-30; }

// As printed; throughput alone is better when it is greater.
double value_of(const GateTrial& trial, GateFigure figure) {
  const TrialMetrics& metrics = *trial.trial.metrics;
  switch (figure) {
    case GateFigure::throughput:
      return metrics.throughput_mib_per_s;
    case GateFigure::elapsed:
      return trial.elapsed_s;
    case GateFigure::cpu_time:
      return (metrics.cpu_user_s + metrics.cpu_sys_s) / gib(metrics);
    case GateFigure::peak_memory:
      break;
  }
  return static_cast<double>(metrics.peak_rss_bytes);
}

// ln of the cost; 0 stands for a figure that was not counted, on either side alike.
double log_cost(const GateTrial& trial, GateFigure figure) {
  const double value = value_of(trial, figure);
  if (value <= 0) return 0;
  return figure == GateFigure::throughput ? -std::log(value) : std::log(value);
}

double median_of(const GateScenarioResult& scenario, GateFigure figure, bool head) {
  std::vector<double> values;
  for (const GateTrial& trial : scenario.trials)
    if (trial.head == head && !trial.fresh && is_valid(trial)) values.push_back(value_of(trial, figure));
  return values.empty() ? 0 : median(values);
}

std::string side_name(const GateResult& result, bool head) { return result.sides[head ? 1 : 0].label; }

// The mock's account of one side, judged as a sweep judges a cell.
CellAudit audit_of(const GateScenarioResult& scenario, bool head) {
  std::vector<const TrialAudit*> audits;
  for (const GateTrial& trial : scenario.trials)
    if (trial.head == head && is_valid(trial) && trial.trial.audit) audits.push_back(&*trial.trial.audit);
  return audit_cell(audits);
}

// What was measured against another server than the one asked for cannot pass. A slowdown stands: both sides met it.
bool mock_permits_a_pass(const GateResult& result, GateScenarioResult& scenario) {
  bool permits = true;
  for (const bool head : {false, true}) {
    const CellAudit audit = audit_of(scenario, head);
    if (!audit.on_target()) {
      scenario.notes.push_back("the mock was off target for " + side_name(result, head) + ": " +
                               audit.reason());
      permits = false;
    }
    if (audit.trials > 0 && audit.mock_was_limit()) {
      scenario.notes.push_back("the mock was the limit for " + side_name(result, head) +
                               ": its connection's thread was busy " +
                               percent(audit.busiest_connection_cpu_share) + " of the time");
      permits = false;
    }
  }
  return permits;
}

void note_invalid_trials(const GateResult& result, GateScenarioResult& scenario) {
  for (const bool head : {false, true}) {
    int invalid = 0;
    std::string reason;
    for (const GateTrial& trial : scenario.trials) {
      if (trial.head != head || is_valid(trial)) continue;
      ++invalid;
      reason = trial.trial.reason;
    }
    if (invalid > 0)
      scenario.notes.push_back(counted(invalid, "trial") + " of " + side_name(result, head) +
                               " left out; the last one: " + reason);
  }
}

void apply_confirmation(GateFigureResult& figure, const PairDifferences& fresh, const GateRule& rule) {
  FigureJudgement& judgement = figure.judgement;
  if (judgement.verdict != GateVerdict::regression) return;
  if (!fresh.empty())
    figure.confirmation = {static_cast<int>(fresh.size()), std::expm1(mean(fresh)),
                           mean_excess_p_value(fresh, std::log1p(rule.margin)), is_confirmed(fresh, rule)};
  if (figure.confirmation && figure.confirmation->confirmed) return;
  judgement.verdict = GateVerdict::inconclusive;
  judgement.doubt = GateDoubt::not_confirmed;
}

void judge_scenario(const GateResult& result, GateScenarioResult& scenario,
                    std::span<const FigureJudgement> judgements) {
  scenario.figures.clear();
  scenario.notes.clear();
  const bool may_pass = mock_permits_a_pass(result, scenario);
  note_invalid_trials(result, scenario);
  const auto fresh = pair_differences(scenario, true);
  bool any_regression = false, all_pass = true;
  for (std::size_t i = 0; i < kGateFigures.size(); ++i) {
    const GateFigure name = kGateFigures[i];
    GateFigureResult figure{
        name, median_of(scenario, name, false), median_of(scenario, name, true), judgements[i], {}};
    apply_confirmation(figure, fresh[i], result.rule);
    if (figure.judgement.verdict == GateVerdict::pass && !may_pass) {
      figure.judgement.verdict = GateVerdict::inconclusive;
      figure.judgement.doubt = GateDoubt::mock_off_target;
    }
    any_regression = any_regression || figure.judgement.verdict == GateVerdict::regression;
    all_pass = all_pass && figure.judgement.verdict == GateVerdict::pass;
    scenario.figures.push_back(figure);
  }
  scenario.verdict = any_regression ? GateVerdict::regression
                     : all_pass     ? GateVerdict::pass
                                    : GateVerdict::inconclusive;
}

}  // namespace

std::string_view gate_figure_name(GateFigure figure) {
  switch (figure) {
    case GateFigure::throughput:
      return "throughput";
    case GateFigure::elapsed:
      return "elapsed";
    case GateFigure::cpu_time:
      return "cpu_time";
    case GateFigure::peak_memory:
      break;
  }
  return "peak_memory";
}

std::vector<PairDifferences> pair_differences(const GateScenarioResult& scenario, bool fresh) {
  std::map<int, std::array<std::vector<const GateTrial*>, 2>> pairs;
  for (const GateTrial& trial : scenario.trials)
    if (trial.fresh == fresh && is_valid(trial)) pairs[trial.pair][trial.head ? 1 : 0].push_back(&trial);
  std::vector<PairDifferences> differences(kGateFigures.size());
  const auto whole = static_cast<std::size_t>(scenario.repeats);
  for (const auto& [pair, sides] : pairs) {
    if (sides[0].size() != whole || sides[1].size() != whole) continue;
    for (std::size_t i = 0; i < kGateFigures.size(); ++i) {
      double sum = 0;
      for (std::size_t repeat = 0; repeat < whole; ++repeat)
        sum += log_cost(*sides[1][repeat], kGateFigures[i]) - log_cost(*sides[0][repeat], kGateFigures[i]);
      differences[i].push_back(sum / scenario.repeats);
    }
  }
  return differences;
}

void judge_gate(GateResult& result) {
  if (result.identical) {
    result.verdict = GateVerdict::pass;
    return;
  }
  std::vector<PairDifferences> all;
  for (const GateScenarioResult& scenario : result.scenarios)
    for (PairDifferences& d : pair_differences(scenario, false)) all.push_back(std::move(d));
  const std::vector<FigureJudgement> judgements = judge_figures(all, result.rule);
  bool any_regression = false, all_pass = !result.scenarios.empty();
  for (std::size_t i = 0; i < result.scenarios.size(); ++i) {
    judge_scenario(result, result.scenarios[i],
                   std::span(judgements).subspan(i * kGateFigures.size(), kGateFigures.size()));
    any_regression = any_regression || result.scenarios[i].verdict == GateVerdict::regression;
    all_pass = all_pass && result.scenarios[i].verdict == GateVerdict::pass;
  }
  result.verdict = any_regression ? GateVerdict::regression
                   : all_pass     ? GateVerdict::pass
                                  : GateVerdict::inconclusive;
}

std::vector<std::vector<GateFigure>> unconfirmed(const GateResult& result) {
  std::vector<std::vector<GateFigure>> wanted(result.scenarios.size());
  for (std::size_t i = 0; i < result.scenarios.size(); ++i)
    for (const GateFigureResult& figure : result.scenarios[i].figures)
      if (figure.judgement.doubt == GateDoubt::not_confirmed && !figure.confirmation)
        wanted[i].push_back(figure.figure);
  return wanted;
}

}  // namespace depthfinder
