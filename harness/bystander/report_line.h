// SPDX-License-Identifier: MIT
// What `depthfinder bystander --json` prints, one JSON object a line: first what it does, then reports of samples,
// answers to marks, and a summary. Writer and reader stand in one file, so that they agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/bystander/bystander_spec.h"
#include "harness/bystander/bystander_stats.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// {"t_s": 0.1, "samples_ms": [1.02, ...]}: `t_s` since the first work was due; in the order in which they were due.
struct BystanderReport {
  double t_s = 0;
  std::vector<double> samples_ms;
};

// {"kind", "period_ms", "work_units"}, before the first sample; 0 units for kinds without CPU work.
struct BystanderHello {
  std::string kind;
  double period_ms = 0;
  std::uint64_t work_units = 0;
};

// {"mark": 1}: answers the n-th byte on its standard input; all samples that were due by then stand before it.
struct BystanderMark {
  std::uint64_t count = 0;
};

// {"summary": {...}} as bystander_stats_json(), or null where there was no sample.
struct BystanderSummary {
  std::optional<BystanderStats> stats;
};

using BystanderLine = std::variant<BystanderHello, BystanderReport, BystanderMark, BystanderSummary>;

// With the end of the line.
std::string bystander_line(const BystanderLine& line);

// Errors: protocol, with the line.
Result<BystanderLine> parse_bystander_line(std::string_view line);

}  // namespace depthfinder
