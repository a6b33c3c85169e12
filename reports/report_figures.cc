// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/limit.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/svg_chart.h"
#include "reports/words.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

constexpr std::size_t kRowsShown = 24;  // a longer table opens on demand

Markup card(const svg::LineChart& chart, const Markup& legend = {}) {
  return element("div", {{"class", "card"}},
                 join(element("h3", {}, chart.title), legend, svg::line_chart(chart)));
}

using Figure = double (*)(const TrialMetrics&);
struct NamedFigure {
  const char* name;
  Figure figure;
};
constexpr NamedFigure kLatencies[] = {
    {"p50", [](const TrialMetrics& metrics) { return metrics.chunk.p50_ms; }},
    {"p90", [](const TrialMetrics& metrics) { return metrics.chunk.p90_ms; }},
    {"p99", [](const TrialMetrics& metrics) { return metrics.chunk.p99_ms; }}};
constexpr NamedFigure kInFlight[] = {
    {"in flight", [](const TrialMetrics& metrics) { return metrics.in_flight_mean; }}};

// The recommended cell at every depth.
std::vector<const CellSummary*> along_depth(const Input& input) {
  std::vector<const CellSummary*> cells;
  for (const CellSummary& cell : input.summaries)
    if (same_but_depth(cell.cell, input.recommendation.headline.cell)) cells.push_back(&cell);
  std::sort(cells.begin(), cells.end(),
            [](const CellSummary* a, const CellSummary* b) { return a->cell.depth < b->cell.depth; });
  return cells;
}

svg::LineChart over_depth(const std::vector<const CellSummary*>& cells,
                          std::span<const NamedFigure> figures) {
  svg::LineChart chart;
  chart.x_label = "depth (chunks in flight)";
  for (const CellSummary* cell : cells) chart.x_ticks.push_back(cell->cell.depth);
  for (std::size_t i = 0; i < figures.size(); ++i) {
    svg::Series series{figures[i].name, static_cast<int>(i), {}};
    for (const CellSummary* cell : cells) {
      const double value = median_over_blocks(*cell, figures[i].figure);
      series.points.push_back({static_cast<double>(cell->cell.depth), value, 0, 0});
      chart.y_max = std::max(chart.y_max, value);
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

// The recommended cell and, where they are others, the fastest one and that of depth 1.
std::vector<const CellSummary*> cells_to_follow(const Input& input) {
  const Pick& pick = input.recommendation.headline;
  std::vector<const CellSummary*> cells;
  for (const CellSummary& cell : input.summaries)
    if (cell.cell.id == pick.cell.id || cell.cell.id == pick.best.id ||
        (cell.cell.depth == 1 && same_but_depth(cell.cell, pick.cell)))
      cells.push_back(&cell);
  return cells;
}

}  // namespace

Markup latency(const Input& input) {
  const auto cells = along_depth(input);
  svg::LineChart times = over_depth(cells, kLatencies), flight = over_depth(cells, kInFlight);
  times.title = "Time of a chunk";
  times.y_label = "ms";
  flight.title = "Chunks in flight, on average";
  flight.y_label = "chunks";
  std::vector<svg::LegendEntry> entries;
  for (const svg::Series& series : times.series) entries.push_back({series.name, series.colour});
  return element(
      "section", {},
      join(element("h2", {}, "How long a chunk takes, and how many are under way"),
           element("p", {{"class", "soft"}},
                   "The recommended setting at every depth. Where the time grows as fast as the depth, "
                   "chunks only "
                   "queue: more depth buys nothing. An average well below the depth says that the restore, "
                   "not the "
                   "server, holds requests back."),
           element("div", {{"class", "pair"}}, join(card(times, svg::legend(entries, true)), card(flight))),
           element("p", {{"class", "soft"}}, "The numbers are in the table of every cell above.")));
}

Markup bottleneck(const Input& input) {
  const html::Table table = tables::bottlenecks(input.result, input.summaries);
  return element("section", {},
                 join(element(input.is_part ? "h3" : "h2", {}, "What each cell waits for"),
                      element("p", {{"class", "soft"}},
                              "Shares of what each resource could have given; near 100 is full. The last "
                              "column says what follows "
                              "from them."),
                      input.is_part || table.rows.size() > kRowsShown
                          ? html::details(fmt::format("All {} cells", table.rows.size()), html::table(table))
                          : html::table(table)));
}

Markup run_chart(const Input& input) {
  const auto cells = cells_to_follow(input);
  svg::LineChart chart;
  chart.title = "Throughput, block by block";
  chart.x_label = "block";
  chart.y_label = "MiB/s";
  chart.x_max = std::max(blocks_of(input.result), 1);
  std::vector<svg::LegendEntry> entries;
  for (const CellSummary* cell : cells) {
    svg::Series series{cell_words(cell->cell), static_cast<int>(entries.size()), {}};
    for (const auto& [block, metrics] : cell->trials) {
      series.points.push_back({block + 1.0, metrics->throughput_mib_per_s, 0, 0});
      chart.y_max = std::max(chart.y_max, metrics->throughput_mib_per_s);
    }
    entries.push_back({series.name, series.colour});
    chart.series.push_back(std::move(series));
  }
  return element(
      "section", {},
      join(element("h2", {}, "Was the host steady?"),
           element("p", {{"class", "soft"}},
                   "Lines that rise and fall together are the host, which the block-by-block comparison "
                   "cancels; a line "
                   "that jumps alone is that cell's own noise."),
           svg::legend(entries, true), element("div", {{"class", "card wide"}}, svg::line_chart(chart)),
           html::details("The numbers of this chart", html::table(tables::blocks(input.result, cells)))));
}

}  // namespace depthfinder::sections
