// SPDX-License-Identifier: MIT
// The sections of the HTML report, from top to bottom. Each is a pure function of what was measured and chosen.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/cell_summary.h"
#include "reports/html_writer.h"
#include "reports/recommend.h"
#include "reports/regret.h"

namespace depthfinder::sections {

// What the sections that tell of a choice draw from; all must outlive the call.
struct Input {
  const SweepResult& result;
  const Recommendation& recommendation;
  std::span<const CellSummary> summaries;  // of fixed settings
  bool is_part = false;                    // of a page over several results, where room is scarce
  int thrift = 0;  // there: 1 leaves out bottlenecks and reasons, 2 tables too, 3 all but the verdict
};

html::Markup verdict(const Input& input);  // the first screen
html::Markup no_verdict(const SweepResult& result,
                        std::string_view why);  // instead of it, where nothing was chosen
html::Markup warnings(const Input& input);      // empty when there are none

html::Markup throughput(const Input& input);      // with the table of every cell
html::Markup regret(const CommonChoice& choice);  // the table, with upstream's settings beside it
html::Markup bottleneck(const Input& input);
html::Markup latency(const Input& input);
html::Markup run_chart(const Input& input);
html::Markup cost(const Input& input);  // CPU and memory
html::Markup stages(const Input& input);

html::Markup reasons(const Input& input);  // why the neighbours lost, what would change the choice
// Cells that find their own depth, with their traces; empty without any.
html::Markup automatic(const SweepResult& result);
html::Markup neighbours(const SweepResult& result);  // the bystander, cell by cell; empty without one
html::Markup audit(const SweepResult& result);       // of the mock, cell by cell
std::string audit_summary(const SweepResult& result);
// What the race decided after which block, and why it ended; empty without a race.
html::Markup racing(const SweepResult& result, bool is_part = false);
std::string race_summary(const SweepResult& result);  // one paragraph of that; empty likewise
// The single requests of one trial; empty where no trial has a timeline. `name` tells results apart where there are many.
html::Markup timeline(const SweepResult& result, std::string_view preferred_cell_id,
                      std::string_view name = {});
// The raw rows, where they take no more than `bytes_left`; else where to find them.
html::Markup trials(const SweepResult& result, std::size_t bytes_left);
html::Markup origin(const SweepResult& result);  // host, versions, seeds, method

// The page over several results.
struct Overview {
  std::span<const SweepResult> results;
  std::span<const Result<Recommendation>> recommendations;  // in parallel
  std::vector<std::string> names;                           // likewise
  const Result<CommonChoice>& common;
};
html::Markup overall_verdict(const Overview& overview);  // the first screen
html::Markup overview(const Overview& overview);         // a row for each result
html::Markup origins(const Overview& overview);          // hosts, versions, seeds, method
// One result's section; `anchor` is its id.
html::Markup part(const Input& input, const std::string& name, const std::string& anchor);
html::Markup part_without_verdict(const SweepResult& result, std::string_view why, const std::string& name,
                                  const std::string& anchor);
std::string anchor_of(std::size_t result);

}  // namespace depthfinder::sections
