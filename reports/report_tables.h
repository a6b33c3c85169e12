// SPDX-License-Identifier: MIT
// The tables of a report, as values: the HTML page and the Markdown page show the same ones. Columns whose name starts
// with '#' hold numbers. Pure functions of what was measured and chosen; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/cell_summary.h"
#include "reports/html_writer.h"
#include "reports/recommend.h"
#include "reports/regret.h"

namespace depthfinder {

// How the figures came about, with every parameter.
std::string method_words();

// A trial whose single requests are shown.
struct FollowedTrial {
  const Trial& trial;  // it has a timeline
  Cell cell;
};
// Of the preferred cell, else of the first that has one; nothing where none has.
std::optional<FollowedTrial> followed_trial(const SweepResult& result, std::string_view preferred_cell_id);

namespace tables {

// The figures of every cell on target, medians over blocks; `recommended` stands out.
html::Table cells(std::span<const CellSummary> summaries,
                  const std::optional<Recommendation>& recommendation);
// What each cell was limited by, and how busy each resource was.
html::Table bottlenecks(const SweepResult& result, std::span<const CellSummary> summaries);
html::Table stages(std::span<const CellSummary* const> cells);  // seconds per GiB
html::Table rejected(const Pick& pick);
html::Table regrets(const CommonChoice& choice);
// The blocks of a few cells, in the order they ran: MiB/s, or empty where there is no valid trial.
html::Table blocks(const SweepResult& result, std::span<const CellSummary* const> cells);

html::Table timeline(const FollowedTrial& followed);
// What the race decided, in that order, but for its end.
html::Table race(const SweepResult& result);
html::Table automatic(const std::vector<AutoSummary>& all);
html::Table neighbours(const SweepResult& result);
html::Table audit(const SweepResult& result);
html::Table trials(const SweepResult& result);
html::Table host(const SweepResult& result);
html::Table scenario(const SweepResult& result);

}  // namespace tables
}  // namespace depthfinder
