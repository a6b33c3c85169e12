// SPDX-License-Identifier: MIT
// The sections of the HTML report, from top to bottom. Each is a pure function of what was measured and chosen.
#pragma once

#include <span>

#include "reports/cell_summary.h"
#include "reports/html_writer.h"
#include "reports/recommend.h"

namespace depthfinder::sections {

// What the sections that tell of a choice draw from; all must outlive the call.
struct Input {
  const SweepResult& result;
  const Recommendation& recommendation;
  std::span<const CellSummary> summaries;  // of fixed settings
};

html::Markup verdict(const Input& input);  // the first screen
html::Markup no_verdict(const SweepResult& result,
                        std::string_view why);  // instead of it, where nothing was chosen
html::Markup warnings(const Input& input);      // empty when there are none

html::Markup throughput(const Input& input);
html::Markup cost(const Input& input);  // CPU and memory
html::Markup stages(const Input& input);

html::Markup reasons(const Input& input);  // why the neighbours lost, what would change the choice
// Cells that find their own depth, with their traces; empty without any.
html::Markup automatic(const SweepResult& result);
html::Markup neighbours(const SweepResult& result);  // the bystander, cell by cell; empty without one
html::Markup audit(const SweepResult& result);       // of the mock, cell by cell
html::Markup trials(const SweepResult& result);
html::Markup origin(const SweepResult& result);  // host, versions, seeds, method

}  // namespace depthfinder::sections
