// SPDX-License-Identifier: MIT
// The sentences of a recommendation: why this cell, why not the others, what would change the choice. Pure;
// any thread.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "reports/cell_summary.h"
#include "reports/point_rule.h"
#include "reports/recommend.h"

namespace depthfinder {

// The cells that a choice was made among, and what the rule said of them; the three lists run in parallel.
struct Field {
  std::vector<const CellSummary*> summaries;
  std::vector<RuleCell> rule_cells;
  RuleChoice choice;
  // Cells of the same CPU state that could not be chosen.
  std::vector<const CellSummary*> over_budget, too_few_trials;
  std::vector<std::pair<const CellSummary*, std::string>> over_bystander_budget;  // with the reason
  std::uint64_t budget_bytes = 0;
};

std::string why_picked(const Field& field, const Limit& limit);
std::vector<RejectedCell> why_others_lost(const Field& field);
std::vector<std::string> what_would_change(const Field& field, const Limit& limit, const ServerSpec& server);

}  // namespace depthfinder
