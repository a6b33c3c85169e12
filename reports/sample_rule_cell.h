// SPDX-License-Identifier: MIT
// RuleCells for tests, from a rate a block.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "reports/point_rule.h"

namespace depthfinder::testing_support {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// `rates` in MiB/s; NaN is a block without a valid trial.
inline RuleCell cell(int depth, int threads, std::vector<double> rates, double cpu_s_per_gib = 1) {
  RuleCell made;
  made.cell.depth = depth;
  made.cell.threads = threads;
  for (const double rate : rates) {
    made.log_throughput.push_back(std::log(rate));
    made.log_cpu.push_back(std::isnan(rate) ? kNaN : std::log(cpu_s_per_gib));
  }
  return made;
}

}  // namespace depthfinder::testing_support
