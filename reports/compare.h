// SPDX-License-Identifier: MIT
// Two stored results side by side: trend only, since they were measured at different times. Cells are compared unpaired,
// by Mann and Whitney's test, and only where both have nine valid trials. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/result.h"

namespace depthfinder {

inline constexpr int kComparedTrialsMin = 9;

struct ComparedCell {
  Cell cell;
  int trials_before = 0, trials_after = 0;
  double before_mib_per_s = 0, after_mib_per_s = 0;  // medians
  std::optional<double> p_value;                     // two-sided, unadjusted; absent with too few trials
  [[nodiscard]] double change() const { return after_mib_per_s / before_mib_per_s - 1; }
};

struct Comparison {
  std::vector<ComparedCell> cells;    // that both have, valid and on target, in the order of the first
  std::vector<std::string> warnings;  // what besides the restore differs, in sentences
};

Comparison compare_results(const SweepResult& before, const SweepResult& after);
std::string comparison_text(const Comparison& comparison);  // within 80 columns
std::string comparison_json(const Comparison& comparison);

}  // namespace depthfinder
