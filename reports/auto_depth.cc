// SPDX-License-Identifier: MIT
#include "reports/auto_depth.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/bystander_cost.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

constexpr double kReached = 0.95;

// The same setting, but for what the adaptive cell finds by itself.
bool is_fixed_twin(const Cell& fixed, const Cell& adaptive) {
  if (is_adaptive(fixed)) return false;
  Cell moved = fixed;
  moved.id = adaptive.id;
  if (adaptive.depth == kAuto) moved.depth = kAuto;
  if (adaptive.threads == kAuto) moved.threads = kAuto;
  return moved == adaptive;
}

bool is_within_budgets(const SweepResult& result, const CellSummary& cell) {
  return buffer_bytes(cell.cell) <= result.scenario.memory_budget_bytes &&
         !bystander_fault(cell, result.scenario.bystander_budget);
}

// X(a) / X(b) in the blocks that both have.
std::vector<double> rate_ratios(const CellSummary& a, const CellSummary& b) {
  std::vector<double> ratios;
  for (const auto& [block, metrics] : a.trials)
    if (const auto other = b.trials.find(block); other != b.trials.end())
      ratios.push_back(metrics->throughput_mib_per_s / other->second->throughput_mib_per_s);
  return ratios;
}

bool is_faster(const CellSummary& a, const CellSummary& b) {
  std::vector<double> logs = rate_ratios(a, b);
  if (logs.empty()) return false;
  for (double& value : logs) value = std::log(value);
  return mean(logs) > 0;
}

// One cell over all blocks, not the luckiest of each: that would count noise as regret.
const CellSummary* best_twin(const SweepResult& result, std::span<const CellSummary> summaries,
                             const CellSummary& adaptive) {
  const CellSummary* best = nullptr;
  for (const CellSummary& other : summaries) {
    if (!is_fixed_twin(other.cell, adaptive.cell) || !is_within_budgets(result, other)) continue;
    if (rate_ratios(adaptive, other).empty()) continue;
    if (best == nullptr || is_faster(other, *best)) best = &other;
  }
  return best;
}

AutoRegret regret_against(const CellSummary& best, const CellSummary& adaptive) {
  std::vector<double> regrets = rate_ratios(adaptive, best);
  for (double& value : regrets) value = 1 - value;
  return {best.cell, static_cast<int>(regrets.size()), median(regrets),
          bootstrap_median_interval(regrets, seed_of(adaptive.cell)),
          *std::max_element(regrets.begin(), regrets.end())};
}

// The rate without zero chunks, which cost no fetch and are not in a trace's goodput.
double fetched_mib_per_s(const TrialMetrics& metrics) {
  return static_cast<double>(metrics.logical_bytes - metrics.zero_bytes) / 0x1.0p20 / metrics.duration_s;
}

// Infinity when the rate was never reached.
double time_to(double mib_per_s, const std::vector<DepthStep>& trace) {
  for (const DepthStep& step : trace)
    if (step.goodput_mib_per_s >= mib_per_s) return step.t_s;
  return std::numeric_limits<double>::infinity();
}

void add_times(const CellSummary& best, const CellSummary& adaptive, AutoSummary& summary) {
  std::vector<double> times_s;
  for (const auto& [block, metrics] : adaptive.trials) {
    const auto reference = best.trials.find(block);
    if (metrics->depth_trace.empty() || reference == best.trials.end()) continue;
    times_s.push_back(time_to(kReached * fetched_mib_per_s(*reference->second), metrics->depth_trace));
    if (std::isfinite(times_s.back())) ++summary.traces_that_reached_95;
  }
  summary.traces = static_cast<int>(times_s.size());
  if (times_s.empty()) return;
  if (const double time_s = median(times_s); std::isfinite(time_s)) summary.time_to_95_s = time_s;
}

}  // namespace

std::vector<AutoSummary> summarise_auto(const SweepResult& result, std::span<const CellSummary> summaries) {
  std::vector<AutoSummary> all;
  for (const CellSummary& cell : summaries) {
    if (!is_adaptive(cell.cell)) continue;
    AutoSummary summary;
    summary.cell = cell.cell;
    summary.throughput_mib_per_s = cell.throughput_mib_per_s();
    summary.depth_mean =
        median_over_blocks(cell, [](const TrialMetrics& metrics) { return metrics.depth_mean; });
    summary.threads_mean =
        median_over_blocks(cell, [](const TrialMetrics& metrics) { return metrics.threads_mean; });
    if (const CellSummary* best = best_twin(result, summaries, cell)) {
      summary.regret = regret_against(*best, cell);
      add_times(*best, cell, summary);
    }
    all.push_back(std::move(summary));
  }
  return all;
}

std::string automatic_words(const AutoSummary& automatic) {
  std::string text = fmt::format("{}: {} MiB/s at a mean depth of {} and {} threads",
                                 cell_words(automatic.cell), number(automatic.throughput_mib_per_s, 0),
                                 number(automatic.depth_mean, 1), number(automatic.threads_mean, 1));
  if (!automatic.regret)
    return text + ". No fixed setting like it was measured in the same blocks, so its regret is unknown.";
  const AutoRegret& regret = *automatic.regret;
  text +=
      fmt::format(". Against the best fixed setting, {}, it loses {} ({} to {}; at worst {} in one block).",
                  cell_words(regret.best), percent(regret.median), percent(regret.interval.low),
                  percent(regret.interval.high), percent(regret.worst));
  if (automatic.time_to_95_s)
    text += fmt::format(" 95 % of that rate was reached after {} s.", number(*automatic.time_to_95_s, 2));
  else if (automatic.traces > 0)
    text += fmt::format(" 95 % of that rate was reached in {} of {} only.", automatic.traces_that_reached_95,
                        counted(automatic.traces, "trace"));
  return text;
}

const TrialMetrics& median_trial(const CellSummary& cell) {
  std::vector<const TrialMetrics*> trials;
  for (const auto& [block, metrics] : cell.trials) trials.push_back(metrics);
  std::stable_sort(trials.begin(), trials.end(), [](const TrialMetrics* a, const TrialMetrics* b) {
    return a->throughput_mib_per_s < b->throughput_mib_per_s;
  });
  return *trials[(trials.size() - 1) / 2];
}

std::vector<CellSummary> fixed_cells(std::vector<CellSummary> summaries) {
  std::erase_if(summaries, [](const CellSummary& summary) { return is_adaptive(summary.cell); });
  return summaries;
}

std::vector<CellSummary> adaptive_cells(std::vector<CellSummary> summaries) {
  std::erase_if(summaries, [](const CellSummary& summary) { return !is_adaptive(summary.cell); });
  return summaries;
}

}  // namespace depthfinder
