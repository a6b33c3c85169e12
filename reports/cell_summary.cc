// SPDX-License-Identifier: MIT
#include "reports/cell_summary.h"

#include <algorithm>

namespace depthfinder {
namespace {

constexpr double kGib = 0x1.0p30;

template <typename Figure>
std::vector<double> figures(const CellSummary& summary, Figure figure) {
  std::vector<double> values;
  values.reserve(summary.trials.size());
  for (const auto& [block, metrics] : summary.trials) values.push_back(figure(*metrics));
  return values;
}

template <typename Figure>
double sum(const CellSummary& summary, Figure figure) {
  double total = 0;
  for (const auto& [block, metrics] : summary.trials) total += figure(*metrics);
  return total;
}

double throughput(const TrialMetrics& metrics) { return metrics.throughput_mib_per_s; }

}  // namespace

// FNV-1a.
std::uint64_t seed_of(const Cell& cell) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char letter : cell.id) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  return hash;
}

double cpu_s_per_gib(const TrialMetrics& metrics) {
  return (metrics.cpu_user_s + metrics.cpu_sys_s) / (static_cast<double>(metrics.logical_bytes) / kGib);
}

double median_over_blocks(const CellSummary& summary, double (*figure)(const TrialMetrics&)) {
  return median(figures(summary, figure));
}

double CellSummary::throughput_mib_per_s() const { return median_over_blocks(*this, throughput); }

double CellSummary::cpu_s_per_gib() const { return median_over_blocks(*this, depthfinder::cpu_s_per_gib); }

std::uint64_t CellSummary::peak_rss_bytes() const {
  std::uint64_t peak = 0;
  for (const auto& [block, metrics] : trials) peak = std::max(peak, metrics->peak_rss_bytes);
  return peak;
}

double CellSummary::duration_s() const {
  return sum(*this, [](const TrialMetrics& metrics) { return metrics.duration_s; });
}

double CellSummary::logical_gib() const {
  return sum(*this,
             [](const TrialMetrics& metrics) { return static_cast<double>(metrics.logical_bytes) / kGib; });
}

double CellSummary::wire_bytes() const {
  return sum(*this, [](const TrialMetrics& metrics) { return static_cast<double>(metrics.wire_bytes); });
}

StageTimes CellSummary::stages() const {
  StageTimes total;
  for (const auto& [block, metrics] : trials)
    for (const NamedStage& named : kStages) {
      (total.*named.stage).busy_s += (metrics->stages.*named.stage).busy_s;
      (total.*named.stage).wait_s += (metrics->stages.*named.stage).wait_s;
    }
  return total;
}

double stage_s_per_gib(const CellSummary& summary, StageTime StageTimes::*stage) {
  return (summary.stages().*stage).busy_s / summary.logical_gib();
}

std::vector<CellSummary> summarise_all_cells(const SweepResult& result) {
  const std::map<std::string, CellAudit> audits = audit_cells(result);
  std::map<std::string_view, std::map<int, const TrialMetrics*>> trials;
  for (const Trial& trial : result.trials)
    if (trial.outcome == TrialOutcome::ok && trial.metrics)
      trials[trial.cell_id].emplace(trial.block, &*trial.metrics);
  std::vector<CellSummary> summaries;
  for (const Cell& cell : result.cells) {
    const auto its = trials.find(cell.id);
    if (its != trials.end()) summaries.push_back({cell, std::move(its->second), audits.at(cell.id)});
  }
  return summaries;
}

int blocks_of(const SweepResult& result) {
  int blocks = static_cast<int>(result.block_orders.size());
  for (const Trial& trial : result.trials) blocks = std::max(blocks, trial.block + 1);
  return blocks;
}

std::vector<CellSummary> summarise_cells(const SweepResult& result) {
  std::vector<CellSummary> summaries = summarise_all_cells(result);
  std::erase_if(summaries, [](const CellSummary& summary) { return !summary.audit.on_target(); });
  return summaries;
}

Interval throughput_interval(const CellSummary& summary) {
  return bootstrap_median_interval(figures(summary, throughput), seed_of(summary.cell));
}

}  // namespace depthfinder
