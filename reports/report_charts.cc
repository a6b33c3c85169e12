// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <set>

#include "reports/field.h"
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

struct Estimate {
  double value = 0;
  Interval interval;
};

// What one chart shows of each cell.
struct Quantity {
  std::string name;     // "Throughput"
  std::string y_label;  // "MiB/s"
  Estimate (*of)(const CellSummary&);
};

const Quantity kThroughput = {"Throughput", "MiB/s", [](const CellSummary& cell) {
                                return Estimate{cell.throughput_mib_per_s(), throughput_interval(cell)};
                              }};
const Quantity kCpu = {"CPU time", "CPU s per GiB", [](const CellSummary& cell) {
                         return Estimate{cell.cpu_s_per_gib(), {}};
                       }};
const Quantity kMemory = {"Peak memory", "MiB resident", [](const CellSummary& cell) {
                            return Estimate{static_cast<double>(cell.peak_rss_bytes()) / 0x1.0p20, {}};
                          }};

// A curve is all depths of one setting; its colour is the same in every chart.
struct CurveKey {
  std::string strategy;
  int threads = 0;
  std::string variant;  // ", 2 writers", in words
  friend auto operator<=>(const CurveKey&, const CurveKey&) = default;
};
CurveKey key_of(const Cell& cell) {
  Cell beside = cell;
  beside.threads = 0;
  return {cell.strategy, cell.threads, settings_beside_depth(beside)};
}
std::string curve_name(const CurveKey& key) {
  return key.strategy + (key.threads > 0 ? ", " + counted(key.threads, "thread") : "") + key.variant;
}

std::map<CurveKey, int> colours_of(std::span<const CellSummary> summaries) {
  std::map<CurveKey, int> colours;
  for (const CellSummary& summary : summaries) colours.emplace(key_of(summary.cell), 0);
  int next = 0;
  for (auto& [key, colour] : colours) colour = next++;
  return colours;
}

std::vector<double> depths_of(std::span<const CellSummary> summaries) {
  std::set<double> depths;
  for (const CellSummary& summary : summaries) depths.insert(summary.cell.depth);
  return {depths.begin(), depths.end()};
}

// Headline or other choice of this CPU state.
const Pick* pick_of(const Recommendation& recommendation, CpuState state) {
  const auto is_of = [state](const Pick& pick) { return cpu_state(pick.cell) == state; };
  if (is_of(recommendation.headline)) return &recommendation.headline;
  if (recommendation.other_sha_ni && is_of(*recommendation.other_sha_ni))
    return &*recommendation.other_sha_ni;
  for (const Pick& pick : recommendation.other_cpus)
    if (is_of(pick)) return &pick;
  return nullptr;
}

std::string state_words(CpuState state) { return state == CpuState{} ? "with SHA-NI" : cpu_words(state); }

// One chart per CPU state, all with the same y axis. `figures` runs in parallel to the summaries.
Markup panel(const Input& input, const Quantity& quantity, const std::vector<Estimate>& figures, double y_max,
             CpuState state) {
  const auto colours = colours_of(input.summaries);
  const Pick* pick = pick_of(input.recommendation, state);
  svg::LineChart chart;
  chart.title = quantity.name + " against depth, " + state_words(state);
  chart.x_label = "depth (chunks in flight)";
  chart.y_label = quantity.y_label;
  chart.y_max = y_max;
  chart.x_ticks = depths_of(input.summaries);
  chart.mark_label = "recommended";
  chart.has_tips = !input.is_part && input.thrift == 0;
  std::map<CurveKey, svg::Series> series;
  for (std::size_t i = 0; i < input.summaries.size(); ++i) {
    const Cell& cell = input.summaries[i].cell;
    if (cpu_state(cell) != state) continue;
    const svg::Point point{static_cast<double>(cell.depth), figures[i].value, figures[i].interval.low,
                           figures[i].interval.high};
    auto& curve = series[key_of(cell)];
    curve.colour = colours.at(key_of(cell));
    curve.name = curve_name(key_of(cell));
    curve.points.push_back(point);
    if (pick && pick->cell == cell) chart.mark = point;
  }
  for (auto& [key, curve] : series) {
    std::sort(curve.points.begin(), curve.points.end(),
              [](const auto& a, const auto& b) { return a.x < b.x; });
    chart.series.push_back(std::move(curve));
  }
  return element("div", {{"class", "card"}},
                 join(element("h3", {}, quantity.name + ", " + state_words(state)), svg::line_chart(chart)));
}

Markup curve_legend(const Input& input) {
  std::vector<svg::LegendEntry> entries;
  for (const auto& [key, colour] : colours_of(input.summaries)) entries.push_back({curve_name(key), colour});
  return svg::legend(entries, true);
}

Markup charts(const Input& input, const Quantity& quantity) {
  std::vector<Estimate> figures;
  double y_max = 0;
  for (const CellSummary& summary : input.summaries) {
    figures.push_back(quantity.of(summary));
    y_max = std::max({y_max, figures.back().value, figures.back().interval.high});
  }
  Markup panels;
  for (const CpuState state : states_of(input.summaries))
    panels += panel(input, quantity, figures, y_max, state);
  return element("div", {{"class", "pair"}}, panels);
}

// The chosen cells with their twins in the other CPU states, and the fastest cells.
std::vector<const CellSummary*> cells_for_stages(const Input& input) {
  std::set<std::string> ids;
  for (const CpuState state : states_of(input.summaries)) {
    const Pick* pick = pick_of(input.recommendation, state);
    if (!pick) continue;
    ids.insert({pick->cell.id, pick->best.id});
    for (const CellSummary& summary : input.summaries) {
      Cell twin = pick->cell;
      twin.sha_ni = summary.cell.sha_ni;
      twin.vectors = summary.cell.vectors;
      twin.id = summary.cell.id;
      if (twin == summary.cell) ids.insert(twin.id);
    }
  }
  std::vector<const CellSummary*> cells;
  for (const CellSummary& summary : input.summaries)
    if (ids.contains(summary.cell.id)) cells.push_back(&summary);
  return cells;
}

std::string sha_ni_sentence(const Input& input) {
  for (const CellSummary& summary : input.summaries) {
    if (!(summary.cell == input.recommendation.headline.cell)) continue;
    if (const auto gain = sha_ni_gain(input.summaries, summary))
      return fmt::format(
          " At the recommended setting the SHA extensions make the hash stage {} times as fast.",
          number(*gain, 1));
  }
  return {};
}

}  // namespace

Markup throughput(const Input& input) {
  Markup numbers;
  if (input.is_part || input.thrift < 2) {
    const html::Table table = tables::cells(summarise_cells(input.result), input.recommendation);
    numbers = html::details(fmt::format("The numbers of every chart: all {} cells", table.rows.size()),
                            html::table(table));
  }
  return element(
      "section", {},
      join(
          element(input.is_part ? "h3" : "h2", {}, "Throughput against depth"),
          element(
              "p", {{"class", "soft"}},
              "Where a curve turns flat, more depth buys nothing; where curves lie apart, decode threads "
              "matter. "
              "Points are medians over blocks, bars their 95 % intervals, the ring is the recommended cell."),
          curve_legend(input), charts(input, kThroughput), numbers));
}

Markup cost(const Input& input) {
  return element(
      "section", {},
      join(element("h2", {}, "What it costs: CPU and memory"),
           element("p", {{"class", "soft"}},
                   "CPU time of the restore process per GiB of image: a rising curve is overhead that other "
                   "machines on the host pay for."),
           curve_legend(input), charts(input, kCpu),
           element("p", {{"class", "soft"}},
                   "Largest resident memory of the restore process: it grows with the chunks in flight, up "
                   "to 8 MiB each. The numbers are in the table of every cell above."),
           charts(input, kMemory)));
}

Markup stages(const Input& input) {
  svg::BarChart chart{"Time of each stage per GiB restored", "s", {}, {}};
  std::vector<svg::LegendEntry> entries;
  for (const NamedStage& named : kStages) {
    entries.push_back({named.name, static_cast<int>(entries.size())});
    chart.part_names.emplace_back(named.name);
  }
  const auto cells = cells_for_stages(input);
  for (const CellSummary* summary : cells) {
    svg::Bar bar{cell_words(summary->cell), {}};
    for (const NamedStage& named : kStages) bar.parts.push_back(stage_s_per_gib(*summary, named.stage));
    chart.bars.push_back(std::move(bar));
  }
  return element(
      "section", {},
      join(element("h2", {}, "Where the time goes, stage by stage"),
           element("p", {{"class", "soft"}},
                   "The longest part of a bar is the work to make cheaper; stages run side by side, so a bar "
                   "is not "
                   "the restore's duration." +
                       sha_ni_sentence(input)),
           svg::legend(entries, false), element("div", {{"class", "card wide"}}, svg::stacked_bars(chart)),
           html::details("The numbers of this chart", html::table(tables::stages(cells)))));
}

}  // namespace depthfinder::sections
