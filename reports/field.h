// SPDX-License-Identifier: MIT
// Field: the cells that one choice is made among, and what the point rule says of them. The recommendation and the race
// both choose by it. Points into the summaries, which must outlive it. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/cell_summary.h"
#include "reports/point_rule.h"

namespace depthfinder {

// What pbs-restore ships: the strategy that its two variables set.
inline constexpr std::string_view kShippedStrategy = "spawned";

// The three lists run in parallel.
struct Field {
  std::vector<const CellSummary*> summaries;
  std::vector<RuleCell> rule_cells;
  RuleChoice choice;
  std::map<std::string, std::string> drop_reasons;  // of the cells that the race dropped, by id
  // Cells of the same CPU state that could not be chosen.
  std::vector<const CellSummary*> over_budget, too_few_trials;
  std::vector<std::pair<const CellSummary*, std::string>> over_bystander_budget;  // with the reason
  std::uint64_t budget_bytes = 0;
  std::optional<std::string> larger_budget;  // what would be chosen under one, in words
};

// The cells of one CPU state, and of one strategy where one is named, within a budget (the scenario's unless given). Where none can be chosen, `summaries` is empty and
// there is no choice. A cell that the race dropped is held to the blocks until then; should a file have all of a field
// dropped, none counts as dropped.
Field make_field(const SweepResult& result, std::span<const CellSummary> summaries, const CpuState& state,
                 std::string_view strategy = {}, std::optional<std::uint64_t> budget_bytes = {});

// The states that were measured, the host's own first: a host whose CPU has the extensions uses them.
std::set<CpuState> states_of(std::span<const CellSummary> summaries);

}  // namespace depthfinder
