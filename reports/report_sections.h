// SPDX-License-Identifier: MIT
// The sections of the HTML report, from top to bottom. Each is a pure function of what was measured and chosen.
#pragma once

#include <span>

#include "reports/cell_summary.h"
#include "reports/html_writer.h"
#include "reports/recommend.h"

namespace depthfinder::sections {

// What the sections draw from; all must outlive the call.
struct Input {
  const SweepResult& result;
  const Recommendation& recommendation;
  std::span<const CellSummary> summaries;
};

html::Markup verdict(const Input& input);   // the first screen
html::Markup warnings(const Input& input);  // empty when there are none

html::Markup throughput(const Input& input);
html::Markup cost(const Input& input);  // CPU and memory
html::Markup stages(const Input& input);

html::Markup reasons(const Input& input);  // why the neighbours lost, what would change the choice
html::Markup audit(const Input& input);
html::Markup trials(const Input& input);
html::Markup origin(const Input& input);  // host, versions, seeds, method

}  // namespace depthfinder::sections
