// SPDX-License-Identifier: MIT
// What became of the cells that find their own depth or threads (METHOD.md section 6): how much they lose against the
// best fixed setting, and how soon they got there. They are no candidates of the point rule, since they have no setting
// to recommend. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/cell_summary.h"

namespace depthfinder {

// Against one fixed cell, block by block: 1 - X / X(best).
struct AutoRegret {
  Cell best;  // the fastest cell of fixed setting that is otherwise the same and within the budgets
  int blocks = 0;
  double median = 0;
  Interval interval;  // 95 %, of the median
  double worst = 0;   // of one block
};

struct AutoSummary {
  Cell cell;
  double throughput_mib_per_s = 0;   // medians over blocks
  double depth_mean = 0;             //
  double threads_mean = 0;           //
  std::optional<AutoRegret> regret;  // absent: no such fixed cell was measured in the same blocks
  // Until a window first reached 95 % of the best cell's rate in the same block, zeros left out of both; the median over
  // the trials with a trace. Absent: no regret, no traces, or not reached in half of them.
  std::optional<double> time_to_95_s;
  int traces = 0, traces_that_reached_95 = 0;
};

// `summaries` are all cells with valid trials, fixed and adaptive.
std::vector<AutoSummary> summarise_auto(const SweepResult& result, std::span<const CellSummary> summaries);

// The trial to show of a cell: the one with the median rate, or of two the slower. Its trace may be empty.
const TrialMetrics& median_trial(const CellSummary& cell);

// One or two sentences: what it lost against which cell, the depth it kept, how soon it got there.
std::string automatic_words(const AutoSummary& automatic);

// The cells without those that adapt, and those alone.
std::vector<CellSummary> fixed_cells(std::vector<CellSummary> summaries);
std::vector<CellSummary> adaptive_cells(std::vector<CellSummary> summaries);

}  // namespace depthfinder
