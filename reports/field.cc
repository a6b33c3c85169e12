// SPDX-License-Identifier: MIT
#include "reports/field.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/bystander_cost.h"

namespace depthfinder {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The blocks in which any cell has a valid trial.
std::vector<int> valid_blocks(std::span<const CellSummary> summaries) {
  std::set<int> blocks;
  for (const CellSummary& summary : summaries)
    for (const auto& [block, metrics] : summary.trials) blocks.insert(block);
  return {blocks.begin(), blocks.end()};
}

const RacingDecision* drop_of(const SweepResult& result, const Cell& cell) {
  for (const RacingDecision& decision : result.racing)
    if (decision.decision == "dropped" && decision.cell_id == cell.id) return &decision;
  return nullptr;
}

RuleCell rule_cell(const CellSummary& summary, const std::vector<int>& blocks) {
  RuleCell cell{summary.cell, {}, {}, {}};
  for (const int block : blocks) {
    const auto trial = summary.trials.find(block);
    const bool valid = trial != summary.trials.end();
    cell.log_throughput.push_back(valid ? std::log(trial->second->throughput_mib_per_s) : kNaN);
    cell.log_cpu.push_back(valid ? std::log(cpu_s_per_gib(*trial->second)) : kNaN);
    const bool watched = valid && trial->second->bystander.has_value();
    cell.bystander_ratio_p99.push_back(watched ? trial->second->bystander->ratio_p99 : kNaN);
  }
  return cell;
}

// In fewer than half of the blocks that it was to run in.
bool is_rarely_valid(const CellSummary& summary, const RacingDecision* drop, const std::vector<int>& blocks) {
  const auto end =
      drop == nullptr ? blocks.end() : std::upper_bound(blocks.begin(), blocks.end(), drop->block);
  return summary.trials.size() * 2 < static_cast<std::size_t>(end - blocks.begin());
}

void add_cell(Field& field, const SweepResult& result, const CellSummary& summary,
              const std::vector<int>& blocks) {
  const RacingDecision* drop = drop_of(result, summary.cell);
  if (is_rarely_valid(summary, drop, blocks)) {
    field.too_few_trials.push_back(&summary);
  } else if (buffer_bytes(summary.cell) > field.budget_bytes) {
    field.over_budget.push_back(&summary);
  } else if (auto fault = bystander_fault(summary, result.scenario.bystander_budget)) {
    field.over_bystander_budget.emplace_back(&summary, std::move(*fault));
  } else {
    field.summaries.push_back(&summary);
    field.rule_cells.push_back(rule_cell(summary, blocks));
    // For its memory alone it was dropped where that is beyond the scenario's budget, which is not the one asked about.
    field.rule_cells.back().dropped =
        drop != nullptr && buffer_bytes(summary.cell) <= result.scenario.memory_budget_bytes;
    if (drop != nullptr) field.drop_reasons[summary.cell.id] = drop->reason;
  }
}

}  // namespace

Field make_field(const SweepResult& result, std::span<const CellSummary> summaries, const CpuState& state,
                 std::string_view strategy, std::optional<std::uint64_t> budget_bytes) {
  const std::vector<int> blocks = valid_blocks(summaries);
  Field field;
  field.budget_bytes = budget_bytes.value_or(result.scenario.memory_budget_bytes);
  for (const CellSummary& summary : summaries)
    if (cpu_state(summary.cell) == state && (strategy.empty() || summary.cell.strategy == strategy))
      add_cell(field, result, summary, blocks);
  if (field.rule_cells.empty()) return field;
  if (std::all_of(field.rule_cells.begin(), field.rule_cells.end(),
                  [](const RuleCell& cell) { return cell.dropped; }))
    for (RuleCell& cell : field.rule_cells) cell.dropped = false;
  field.choice = point_rule(field.rule_cells, result.seed);
  return field;
}

std::set<CpuState> states_of(std::span<const CellSummary> summaries) {
  std::set<CpuState> states;
  for (const CellSummary& summary : summaries) states.insert(cpu_state(summary.cell));
  return states;
}

}  // namespace depthfinder
