// SPDX-License-Identifier: MIT
// What a cell's restores cost the bystander beside them: medians over its valid trials, and whether that is within a
// budget. Pure; any thread. Nothing here where no bystander ran.
#pragma once

#include <optional>
#include <string>

#include "reports/cell_summary.h"
#include "scenarios/bystander_budget.h"

namespace depthfinder {

// How many times as long the bystander's work took beside the restore as alone, at a percentile: the median over the
// trials that have it. Absent where fewer than half of them do.
std::optional<double> bystander_ratio(const CellSummary& cell, BystanderPercentile percentile);

// Median over the trials of one of its times, in ms; absent likewise.
std::optional<double> bystander_ms(const CellSummary& cell, double BystanderTimes::*time,
                                   BystanderTimes BystanderFigures::*when);

// Why a cell cannot be chosen under the budget, in words; nothing when it can, or when there is no budget. A cell whose
// bystander was not measured cannot: nothing shows that it keeps to it.
std::optional<std::string> bystander_fault(const CellSummary& cell,
                                           const std::optional<BystanderBudget>& budget);

// True where any trial of the result had a bystander.
bool has_bystander(const SweepResult& result);

}  // namespace depthfinder
