// SPDX-License-Identifier: MIT
// One choice for several results (METHOD.md section 5): the setting whose largest loss against the fastest common one
// is least, and the whole table of losses. Pure and seeded; any thread. Cells that find their own setting are left out;
// what is over a budget is shown, and never chosen.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// What one setting loses in each result: 1 - X / X(fastest common setting), by the mean log ratio over common blocks.
struct RegretRow {
  std::string name;                            // of a setting to compare with; empty for a cell of the table
  Cell cell;                                   // its CPU state is that of each result's own host
  std::vector<std::optional<double>> regrets;  // one per result; absent: not measured there
  std::vector<std::string> stand_ins;          // one per result: the cell measured in its place, or empty
  std::optional<double> regret_max;            // absent: not measured in all results
  std::size_t worst = 0;                       // the result of regret_max
  std::string excluded;                        // why it cannot be chosen; empty: it can
};

struct CommonChoice {
  Cell cell;  // threads are 0 where the results have no thread count in common
  double regret_max = 0;
  std::size_t worst = 0;             // the result where it loses most
  std::optional<double> confidence;  // share of resamples of all results' blocks with the same choice
  bool is_for_own_threads = false;   // compared by depth, each result at the threads that suit it best
  std::vector<std::string> names;    // of the results, told apart
  std::vector<RegretRow> rows;       // every common setting, the least largest regret first
  std::vector<RegretRow> baselines;  // upstream's 16/4, its 1/4, and half the cores
};

// Errors: bad_input (no setting is common to all, or a result has no valid trials).
Result<CommonChoice> minimax_regret(std::span<const SweepResult> results);

// The scenarios' names, numbered where one occurs several times: "quickstart (2)".
std::vector<std::string> result_names(std::span<const SweepResult> results);

// "PBS_RESTORE_FETCH_CONCURRENCY=16 PBS_RESTORE_MAX_THREADS=4"; the second is left out where there are none in common.
std::string setting_line(const CommonChoice& choice);
// "spawned, depth 16, 4 threads": without a CPU state.
std::string setting_words(const Cell& cell);

// Text of at most 80 columns: the choice, why, and the table.
std::string common_choice_text(const CommonChoice& choice);
// The table alone.
std::string regret_table_text(const CommonChoice& choice);

}  // namespace depthfinder
