// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/auto_depth.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/svg_chart.h"
#include "reports/words.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

constexpr std::size_t kRowsMax = 100;    // of a trace; a long restore makes thousands of decisions
constexpr std::size_t kMarkersMax = 60;  // more of them hide the line
std::vector<std::string> auto_row(const AutoSummary& automatic) {
  std::vector<std::string> row = {cell_words(automatic.cell), number(automatic.throughput_mib_per_s, 0),
                                  number(automatic.depth_mean, 1), number(automatic.threads_mean, 1)};
  if (const auto& regret = automatic.regret)
    row.insert(row.end(),
               {cell_words(regret->best), percent(regret->median), percent(regret->interval.low),
                percent(regret->interval.high), percent(regret->worst), std::to_string(regret->blocks)});
  else
    row.insert(row.end(), 6, kNone);
  row.push_back(automatic.time_to_95_s ? number(*automatic.time_to_95_s, 2)
                : automatic.traces > 0
                    ? fmt::format("in {} of {}", automatic.traces_that_reached_95, automatic.traces)
                    : kNone);
  return row;
}

// One figure of the trace over time.
Markup trace_chart(const std::vector<DepthStep>& trace, const std::string& name, const std::string& unit,
                   int colour, double (*figure)(const DepthStep&)) {
  svg::LineChart chart;
  chart.title = name + " over time";
  chart.x_label = "seconds since the restore began";
  chart.y_label = unit;
  chart.x_max = std::max(trace.back().t_s, 1e-3);
  svg::Series series;
  series.name = name;
  series.colour = colour;
  series.is_steps = true;
  series.has_markers = trace.size() <= kMarkersMax;
  for (const DepthStep& step : trace) {
    series.points.push_back({step.t_s, figure(step), 0, 0});
    chart.y_max = std::max(chart.y_max, figure(step));
  }
  chart.series.push_back(std::move(series));
  return element("div", {{"class", "card"}}, join(element("h3", {}, chart.title), svg::line_chart(chart)));
}

Markup decisions_table(const std::vector<DepthStep>& trace) {
  html::Table table{"Decisions: the window that ended then, and what was set for the next one",
                    {"#s", "#depth", "#threads", "#MiB/s", "decision", "reason"},
                    {}};
  for (const DepthStep& step : trace) {
    if (table.rows.size() == kRowsMax) break;
    table.rows.push_back({number(step.t_s, 2), std::to_string(step.depth), std::to_string(step.threads),
                          number(step.goodput_mib_per_s, 0), step.decision, step.reason});
  }
  const std::string words =
      trace.size() > kRowsMax
          ? fmt::format("The first {} of {} decisions; all are in the result", kRowsMax, trace.size())
          : "All " + counted(static_cast<long long>(trace.size()), "decision");
  return html::details(words, html::table(table));
}

Markup trace_of(const CellSummary& cell) {
  const std::vector<DepthStep>& trace = median_trial(cell).depth_trace;
  if (trace.empty()) return {};
  const Markup charts =
      join(trace_chart(trace, "Depth", "chunks in flight", 0,
                       [](const DepthStep& step) { return static_cast<double>(step.depth); }),
           trace_chart(trace, "Goodput", "MiB/s", 1,
                       [](const DepthStep& step) { return step.goodput_mib_per_s; }));
  return join(element("h3", {}, "How it found its way: " + cell_words(cell.cell) + ", its median trial"),
              element("div", {{"class", "pair"}}, charts), decisions_table(trace));
}

}  // namespace

Markup automatic(const SweepResult& result) {
  const auto summaries = summarise_cells(result);
  const auto all = summarise_auto(result, summaries);
  if (all.empty()) return {};
  Markup traces;
  for (const CellSummary& cell : adaptive_cells(summaries)) traces += trace_of(cell);
  return element(
      "section", {},
      join(element("h2", {}, "Depth that finds itself"),
           element("p", {{"class", "soft"}},
                   "Regret is the share of the best fixed cell\xe2\x80\x99s rate that was lost, block by "
                   "block: its "
                   "median over blocks with the 95 % interval. The time is until a window first reached 95 % "
                   "of that "
                   "cell\xe2\x80\x99s rate, in the median trial. Goodput counts fetched chunks, no zeros."),
           html::table(tables::automatic(all)), traces));
}

}  // namespace depthfinder::sections

namespace depthfinder::tables {

using namespace sections;  // of this file: the rows

html::Table automatic(const std::vector<AutoSummary>& all) {
  html::Table table{"Against the best fixed setting that is otherwise the same, in the same blocks",
                    {"cell", "#MiB/s", "#mean depth", "#mean threads", "best fixed cell", "#regret", "#from",
                     "#to", "#worst block", "#blocks", "#s to 95 %"},
                    {}};
  for (const AutoSummary& automatic : all) table.rows.push_back(auto_row(automatic));
  return table;
}

}  // namespace depthfinder::tables
