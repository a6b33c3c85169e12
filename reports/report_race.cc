// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

std::map<std::string, Cell> cells_by_id(const SweepResult& result) {
  std::map<std::string, Cell> cells;
  for (const Cell& cell : result.cells) cells.emplace(cell.id, cell);
  return cells;
}

std::ptrdiff_t count_of(const SweepResult& result, std::string_view kind) {
  return std::count_if(result.racing.begin(), result.racing.end(),
                       [kind](const RacingDecision& decision) { return decision.decision == kind; });
}

// Trials of the blocks that were begun, had every cell run in each.
std::size_t trials_of_the_full_grid(const SweepResult& result) {
  return result.cells.size() * static_cast<std::size_t>(blocks_of(result));
}

}  // namespace

html::Table tables::race(const SweepResult& result) {
  html::Table table{"What was decided, in that order",
                    {"cell", "#after block", "decision", "why, by the figures then"},
                    {}};
  const auto cells = cells_by_id(result);
  for (const RacingDecision& decision : result.racing) {
    if (decision.decision == "stopped") continue;
    const auto cell = cells.find(decision.cell_id);
    table.rows.push_back({cell == cells.end() ? decision.cell_id : cell_words(cell->second),
                          std::to_string(decision.block + 1),
                          decision.decision == "dropped" ? "dropped" : "more blocks", decision.reason});
  }
  return table;
}

std::string sections::race_summary(const SweepResult& result) {
  if (result.racing.empty()) return {};
  std::string text = fmt::format(
      "{} of {} were dropped; {} trials were made, and {} blocks of every cell would have taken {}.",
      count_of(result, "dropped"), counted(static_cast<long long>(result.cells.size()), "cell"),
      result.trials.size(), blocks_of(result), trials_of_the_full_grid(result));
  for (const RacingDecision& decision : result.racing)
    if (decision.decision == "stopped")
      text += fmt::format(" The race ended after block {}: {}.", decision.block + 1, decision.reason);
  return text;
}

html::Markup sections::racing(const SweepResult& result, bool is_part) {
  if (result.racing.empty()) return {};
  const html::Table table = tables::race(result);
  const html::Markup rows =
      table.rows.empty()
          ? html::Markup()
          : html::details("All " + counted(static_cast<long long>(table.rows.size()), "decision"),
                          html::table(table));
  return html::element(
      "section", {},
      html::join(html::element(is_part ? "h3" : "h2", {}, "What the race decided"),
                 html::element("p", {}, race_summary(result)),
                 html::element(
                     "p", {{"class", "soft"}},
                     "After each block a cell is dropped that can no longer be chosen: even the upper bound "
                     "of its rate is too far below the fastest cell's, or it costs more than a cell that "
                     "certainly is about as fast, or its buffers exceed the budget, or no trial of it was "
                     "valid. It keeps its trials, and is compared with others over the blocks that both "
                     "have. \xe2\x80\x9cMore blocks\xe2\x80\x9d: close to the edge, so it ran on."),
                 rows));
}

}  // namespace depthfinder
