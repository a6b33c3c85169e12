// SPDX-License-Identifier: MIT
#include "reports/report_tables.h"

#include <algorithm>
#include <set>

#include "reports/limit.h"
#include "reports/words.h"

namespace depthfinder::tables {
namespace {

std::vector<std::string> cell_row(const CellSummary& cell) {
  const Interval interval = throughput_interval(cell);
  const auto of = [&](double (*figure)(const TrialMetrics&), int decimals) {
    return number(median_over_blocks(cell, figure), decimals);
  };
  return {cell_words(cell.cell),
          std::to_string(cell.trials.size()),
          number(cell.throughput_mib_per_s(), 0),
          number(interval.low, 0),
          number(interval.high, 0),
          number(cell.cpu_s_per_gib(), 2),
          number(static_cast<double>(cell.peak_rss_bytes()) / 0x1.0p20, 0),
          of([](const TrialMetrics& metrics) { return metrics.in_flight_mean; }, 1),
          of([](const TrialMetrics& metrics) { return metrics.chunk.p50_ms; }, 1),
          of([](const TrialMetrics& metrics) { return metrics.chunk.p90_ms; }, 1),
          of([](const TrialMetrics& metrics) { return metrics.chunk.p99_ms; }, 1)};
}

std::set<std::string> chosen_ids(const std::optional<Recommendation>& recommendation) {
  if (!recommendation) return {};
  std::set<std::string> ids = {recommendation->headline.cell.id};
  if (recommendation->other_sha_ni) ids.insert(recommendation->other_sha_ni->cell.id);
  for (const Pick& pick : recommendation->other_cpus) ids.insert(pick.cell.id);
  return ids;
}

std::string regret_figure(const std::optional<double>& regret, bool is_stand_in) {
  return regret ? number(*regret * 100, 1) + (is_stand_in ? "*" : "") : std::string(kNone);
}

std::vector<std::string> regret_row(const RegretRow& row, std::size_t results) {
  std::vector<std::string> cells = {row.name.empty() ? setting_words(row.cell) : row.name,
                                    regret_figure(row.regret_max, false)};
  if (!row.excluded.empty()) cells[0] += " (" + row.excluded + ")";
  if (results == 1) return cells;
  for (std::size_t i = 0; i < results; ++i)
    cells.push_back(regret_figure(row.regrets[i], !row.stand_ins[i].empty()));
  return cells;
}

}  // namespace

html::Table cells(std::span<const CellSummary> summaries,
                  const std::optional<Recommendation>& recommendation) {
  html::Table table{
      "Every cell: medians over its blocks, throughput with its 95 % interval; times are of a chunk",
      {"cell", "#blocks", "#MiB/s", "#from", "#to", "#CPU s/GiB", "#peak MiB", "#in flight", "#p50 ms",
       "#p90 ms", "#p99 ms"},
      {}};
  const std::set<std::string> chosen = chosen_ids(recommendation);
  for (const CellSummary& cell : summaries) {
    if (chosen.contains(cell.cell.id)) table.marked.push_back(table.rows.size());
    table.rows.push_back(cell_row(cell));
  }
  return table;
}

html::Table bottlenecks(const SweepResult& result, std::span<const CellSummary> summaries) {
  const bool has_link = result.scenario.server.rate_bytes_per_s > 0;
  html::Table table{"How busy each was, in per cent of what it could give, and what follows",
                    {"cell", "#decode", "#receive", "#write", "#all cores"},
                    {}};
  if (has_link) table.columns.emplace_back("#link");
  table.columns.emplace_back("bottleneck");
  const auto share = [](double value) { return number(value * 100, 0); };
  for (const CellSummary& cell : summaries) {
    const Utilisation busy = utilisation_of(result, cell);
    const Limit limit = find_limit(result, summaries, cell);
    std::vector<std::string> row = {cell_words(cell.cell), share(busy.decode), share(busy.transport),
                                    share(busy.writer), share(busy.cpu)};
    if (has_link) row.push_back(share(busy.link));
    row.push_back(limit.kind == "unknown" ? "none is used up"
                                          : bottleneck_words(result, summaries, cell, limit));
    table.rows.push_back(std::move(row));
  }
  return table;
}

html::Table stages(std::span<const CellSummary* const> cells) {
  html::Table table{"Seconds per GiB of image; CPU time, of write wall time", {"cell"}, {}};
  for (const NamedStage& named : kStages) table.columns.push_back("#" + std::string(named.name));
  for (const CellSummary* cell : cells) {
    std::vector<std::string> row = {cell_words(cell->cell)};
    for (const NamedStage& named : kStages) row.push_back(number(stage_s_per_gib(*cell, named.stage), 3));
    table.rows.push_back(std::move(row));
  }
  return table;
}

html::Table rejected(const Pick& pick) {
  html::Table table{"Cells that lost against " + cell_words(pick.cell),
                    {"cell", "#MiB/s", "#of the fastest", "why not"},
                    {}};
  for (const RejectedCell& other : pick.rejected)
    table.rows.push_back({cell_words(other.cell), number(other.throughput_mib_per_s, 0),
                          other.share_of_best > 0 ? percent(other.share_of_best) : kNone, other.reason});
  return table;
}

html::Table regrets(const CommonChoice& choice) {
  const bool is_one = choice.names.size() == 1;
  html::Table table{is_one
                        ? "Per cent of the fastest setting's rate that each loses"
                        : "Per cent of the fastest common setting's rate that each loses, result by result",
                    {"setting", is_one ? "#loses" : "#most"},
                    {}};
  if (!is_one)
    for (const std::string& name : choice.names) table.columns.push_back("#" + name);
  bool has_stand_in = false;
  for (const RegretRow& row : choice.rows) {
    if (row.cell == choice.cell) table.marked.push_back(table.rows.size());
    table.rows.push_back(regret_row(row, choice.names.size()));
  }
  for (const RegretRow& row : choice.baselines) {
    table.rows.push_back(regret_row(row, choice.names.size()));
    for (const std::string& stand_in : row.stand_ins) has_stand_in = has_stand_in || !stand_in.empty();
    if (is_one && !row.stand_ins[0].empty()) table.rows.back()[0] += ", as " + row.stand_ins[0];
  }
  if (has_stand_in && !is_one)
    table.caption += "; * of the nearest thread count, since that one was not measured";
  return table;
}

html::Table blocks(const SweepResult& result, std::span<const CellSummary* const> cells) {
  html::Table table{"MiB/s block by block", {"#block"}, {}};
  for (const CellSummary* cell : cells) table.columns.push_back("#" + cell_words(cell->cell));
  for (int block = 0; block < blocks_of(result); ++block) {
    std::vector<std::string> row = {std::to_string(block + 1)};
    for (const CellSummary* cell : cells) {
      const auto trial = cell->trials.find(block);
      row.push_back(trial == cell->trials.end() ? kNone : number(trial->second->throughput_mib_per_s, 0));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace depthfinder::tables
