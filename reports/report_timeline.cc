// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/svg_chart.h"
#include "reports/svg_timeline.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

// A result that was read names no cell that is not listed.
FollowedTrial follow(const SweepResult& result, const Trial& trial) {
  const auto is_its = [&](const Cell& cell) { return cell.id == trial.cell_id; };
  return {trial, *std::find_if(result.cells.begin(), result.cells.end(), is_its)};
}

}  // namespace

std::optional<FollowedTrial> followed_trial(const SweepResult& result, std::string_view preferred_cell_id) {
  const Trial* first = nullptr;
  for (const Trial& trial : result.trials) {
    if (!trial.timeline) continue;
    if (trial.cell_id == preferred_cell_id) return follow(result, trial);
    if (first == nullptr) first = &trial;
  }
  if (first == nullptr) return std::nullopt;
  return follow(result, *first);
}

namespace tables {

html::Table timeline(const FollowedTrial& followed) {
  html::Table table{
      fmt::format("Request by request: {}, block {}", cell_words(followed.cell), followed.trial.block + 1),
      {"#request", "#arrived ms", "#wanted ready ms", "#first byte ms", "#last byte ms", "#waited ms",
       "#sent in ms"},
      {}};
  for (const ChunkTiming& timing : *followed.trial.timeline) {
    std::vector<std::string> row = {std::to_string(table.rows.size() + 1)};
    for (const double figure_ms :
         {timing.arrival_ms, timing.ready_ms, timing.first_byte_ms, timing.last_byte_ms,
          timing.first_byte_ms - timing.arrival_ms, timing.last_byte_ms - timing.first_byte_ms})
      row.push_back(number(figure_ms, 2));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace tables

namespace sections {

using html::element;
using html::join;
using html::Markup;

Markup timeline(const SweepResult& result, std::string_view preferred_cell_id, std::string_view name) {
  const auto followed = followed_trial(result, preferred_cell_id);
  if (!followed) return {};
  svg::TimelineChart chart;
  chart.title = "Timeline of one trial, request by request";
  chart.x_label = "ms since the first request arrived";
  constexpr int kWaiting = 4, kTransfer = 0;
  chart.first_colour = kWaiting;
  chart.second_colour = kTransfer;
  for (const ChunkTiming& timing : *followed->trial.timeline)
    chart.rows.push_back({timing.arrival_ms, timing.first_byte_ms, timing.last_byte_ms, timing.ready_ms});
  const std::string whose = fmt::format("{}{}he first {} of {}, block {}.", name, name.empty() ? "T" : ": t",
                                        counted(static_cast<long long>(chart.rows.size()), "chunk request"),
                                        cell_words(followed->cell), followed->trial.block + 1);
  return element(
      "section", {},
      join(element("h2", {}, "Timeline of one trial"),
           element(
               "p", {{"class", "soft"}},
               "A row is one chunk request, from its arrival at the server to its last byte. As many rows "
               "run side "
               "by side as chunks are in flight. Long waiting parts are the server's latency, which depth "
               "hides; "
               "where sending parts follow each other without a gap, the link or the restore's receiving is "
               "full and "
               "depth only lengthens the queue. A bar that waits past its stroke met a mock that was late."),
           element("p", {}, whose),
           svg::legend({{"waits for its first byte", kWaiting},
                        {"is sent", kTransfer},
                        {"when the mock's model wanted it ready", 0, true}},
                       false),
           element("div", {{"class", "card wide"}}, svg::timeline_chart(chart)),
           html::details("The numbers of this chart", html::table(tables::timeline(*followed)))));
}

}  // namespace sections
}  // namespace depthfinder
