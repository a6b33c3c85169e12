// SPDX-License-Identifier: MIT
#include "reports/export_csv.h"

#include <algorithm>
#include <cctype>

#include "reports/auto_depth.h"
#include "reports/bystander_cost.h"
#include "reports/limit.h"
#include "reports/regret.h"
#include "reports/report_tables.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

// Shortest text that reads back as the same number.
std::string exact(double value) { return fmt::format("{}", value); }
std::string or_empty(const std::optional<double>& value) { return value ? exact(*value) : std::string(); }

std::string median_of(const CellSummary& cell, double (*figure)(const TrialMetrics&)) {
  return exact(median_over_blocks(cell, figure));
}

constexpr const char* kColumns[] = {"result",
                                    "scenario",
                                    "host_cpu",
                                    "begun_at_utc",
                                    "cell",
                                    "strategy",
                                    "depth",
                                    "threads",
                                    "connections",
                                    "sha_ni",
                                    "vectors",
                                    "writers",
                                    "buffers",
                                    "chunk_cache",
                                    "http2_window_bytes",
                                    "http2_frame_bytes",
                                    "blocks_planned",
                                    "blocks_valid",
                                    "mock_on_target",
                                    "recommended",
                                    "throughput_mib_per_s",
                                    "throughput_low_mib_per_s",
                                    "throughput_high_mib_per_s",
                                    "cpu_s_per_gib",
                                    "peak_rss_bytes",
                                    "in_flight_mean",
                                    "chunk_p50_ms",
                                    "chunk_p90_ms",
                                    "chunk_p99_ms",
                                    "receive_s_per_gib",
                                    "crc_s_per_gib",
                                    "decrypt_s_per_gib",
                                    "decompress_s_per_gib",
                                    "hash_s_per_gib",
                                    "write_s_per_gib",
                                    "decode_share",
                                    "receive_share",
                                    "write_share",
                                    "cpu_share",
                                    "link_share",
                                    "limit",
                                    "bottleneck",
                                    "bystander_ratio_p50",
                                    "bystander_ratio_p99"};

std::vector<std::string> setting_fields(const Cell& cell) {
  return {cell.id,
          cell.strategy,
          count_or_auto(cell.depth),
          count_or_auto(cell.threads),
          std::to_string(cell.connections),
          std::string(sha_ni_name(cell.sha_ni)),
          std::string(vectors_name(cell.vectors)),
          std::to_string(cell.writers),
          std::string(buffers_name(cell.buffers)),
          std::to_string(cell.chunk_cache),
          std::to_string(cell.http2_window_bytes),
          std::to_string(cell.http2_frame_bytes)};
}

std::vector<std::string> figure_fields(const CellSummary& cell) {
  const Interval interval = throughput_interval(cell);
  std::vector<std::string> fields = {
      exact(cell.throughput_mib_per_s()),
      exact(interval.low),
      exact(interval.high),
      exact(cell.cpu_s_per_gib()),
      std::to_string(cell.peak_rss_bytes()),
      median_of(cell, [](const TrialMetrics& metrics) { return metrics.in_flight_mean; }),
      median_of(cell, [](const TrialMetrics& metrics) { return metrics.chunk.p50_ms; }),
      median_of(cell, [](const TrialMetrics& metrics) { return metrics.chunk.p90_ms; }),
      median_of(cell, [](const TrialMetrics& metrics) { return metrics.chunk.p99_ms; })};
  for (const NamedStage& named : kStages) fields.push_back(exact(stage_s_per_gib(cell, named.stage)));
  return fields;
}

// Of a cell with a fixed setting.
std::vector<std::string> limit_fields(const SweepResult& result, std::span<const CellSummary> fixed,
                                      const CellSummary& cell) {
  const Utilisation busy = utilisation_of(result, cell);
  const Limit limit = find_limit(result, fixed, cell);
  return {exact(busy.decode),
          exact(busy.transport),
          exact(busy.writer),
          exact(busy.cpu),
          result.scenario.server.rate_bytes_per_s > 0 ? exact(busy.link) : std::string(),
          limit.kind,
          bottleneck_words(result, fixed, cell, limit)};
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(fields[i]);
  return line + "\r\n";
}

std::size_t planned_blocks(const SweepResult& result, const std::string& cell_id) {
  std::size_t count = 0;
  for (const auto& order : result.block_orders)
    count += static_cast<std::size_t>(std::count(order.begin(), order.end(), cell_id));
  return count;
}

void append(std::vector<std::string>& fields, std::vector<std::string> more) {
  fields.insert(fields.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string rows_of(const SweepResult& result, const Result<Recommendation>& recommendation,
                    const std::string& name) {
  const auto all = summarise_all_cells(result);
  const auto fixed = fixed_cells(summarise_cells(result));
  std::string text;
  for (const Cell& cell : result.cells) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const CellSummary& summary) { return summary.cell.id == cell.id; });
    std::vector<std::string> fields = {name, result.scenario.name, result.host.cpu_model,
                                       result.started_at_utc};
    append(fields, setting_fields(cell));
    const bool is_pick = recommendation && recommendation->headline.cell.id == cell.id;
    const bool on_target = found != all.end() && found->audit.on_target();
    append(fields, {std::to_string(planned_blocks(result, cell.id)),
                    std::to_string(found == all.end() ? 0 : found->trials.size()),
                    found == all.end() || found->audit.trials == 0 ? ""
                    : on_target                                    ? "yes"
                                                                   : "no",
                    is_pick ? "yes" : "no"});
    if (found != all.end()) append(fields, figure_fields(*found));
    if (found != all.end() && on_target && !is_adaptive(cell))
      append(fields, limit_fields(result, fixed, *found));
    fields.resize(std::size(kColumns) - 2);
    append(fields, found == all.end()
                       ? std::vector<std::string>(2)
                       : std::vector{or_empty(bystander_ratio(*found, BystanderPercentile::p50)),
                                     or_empty(bystander_ratio(*found, BystanderPercentile::p99))});
    text += line_of(fields);
  }
  return text;
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string field(text);
  if (!field.empty() && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos &&
      !(field.size() > 1 && field.front() == '-' && std::isdigit(static_cast<unsigned char>(field[1])) != 0))
    field.insert(field.begin(), '\'');
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char letter : field) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

std::string report_csv(std::span<const SweepResult> results,
                       std::span<const Result<Recommendation>> recommendations) {
  std::string text = line_of({std::begin(kColumns), std::end(kColumns)});
  const auto names = result_names(results);
  for (std::size_t i = 0; i < results.size(); ++i) text += rows_of(results[i], recommendations[i], names[i]);
  return text;
}

}  // namespace depthfinder
