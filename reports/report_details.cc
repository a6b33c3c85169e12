// SPDX-License-Identifier: MIT
#include <algorithm>

#include <nlohmann/json.hpp>

#include "reports/audit.h"
#include "reports/point_rule.h"
#include "reports/report_sections.h"
#include "reports/words.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

Markup rejected_table(const Pick& pick) {
  html::Table table{"Cells that lost against " + cell_words(pick.cell),
                    {"cell", "#MiB/s", "#of the fastest", "why not"},
                    {}};
  for (const RejectedCell& other : pick.rejected)
    table.rows.push_back({cell_words(other.cell), number(other.throughput_mib_per_s, 0),
                          other.share_of_best > 0 ? percent(other.share_of_best) : "\xe2\x80\x93",
                          other.reason});
  return html::table(table);
}

Markup plain_list(const std::vector<std::string>& items) {
  Markup all;
  for (const std::string& item : items) all += element("li", {}, item);
  return element("ul", {{"class", "plain"}}, all);
}

Markup beside(std::string_view heading, const Pick& pick) {
  return join(element("h3", {}, std::string(heading) + cell_words(pick.cell)), element("p", {}, pick.reason),
              html::details("Why its neighbours lost", rejected_table(pick)));
}

// A trial that is ok by itself proves nothing in a cell whose mock was off target.
bool is_invalidated(const Trial& trial, const CellAudit& audit) {
  return trial.outcome == TrialOutcome::ok && !audit.on_target();
}

std::string trial_reason(const Trial& trial, const CellAudit& audit) {
  if (trial.outcome != TrialOutcome::ok) return trial.reason;
  if (!audit.on_target()) return "the mock was off target in this cell: " + audit.reason();
  if (!trial.audit) return {};
  const TrialVerdict verdict = audit_trial(*trial.audit);
  return verdict.on_target() ? std::string() : fmt::format("the mock: {}", fmt::join(verdict.misses, "; "));
}

std::string optional_figure(const std::optional<double>& value, int decimals) {
  return value ? number(*value, decimals) : std::string();
}

// Columns that are there only where some trial has something to say in them.
struct ExtraColumn {
  const char* name;
  std::string (*text)(const TrialMetrics&);  // empty: nothing to say
};

std::string count_unless_0(std::uint64_t count) { return count == 0 ? std::string() : std::to_string(count); }

constexpr ExtraColumn kExtraColumns[] = {
    {"#mean depth",
     [](const TrialMetrics& m) { return m.depth_trace.empty() ? std::string() : number(m.depth_mean, 1); }},
    {"#mean threads",
     [](const TrialMetrics& m) { return m.depth_trace.empty() ? std::string() : number(m.threads_mean, 1); }},
    {"#coalesced", [](const TrialMetrics& m) { return count_unless_0(m.coalesced); }},
    {"#cache hits", [](const TrialMetrics& m) { return count_unless_0(m.cache_hits); }},
    {"#CPU over floor", [](const TrialMetrics& m) { return optional_figure(m.cpu_over_floor, 2); }},
    {"#bystander p99 x",
     [](const TrialMetrics& m) { return m.bystander ? number(m.bystander->ratio_p99, 2) : std::string(); }},
    {"lane kernel", [](const TrialMetrics& m) { return m.sha256_lane_kernel; }},
};

// Those that this result has.
std::vector<ExtraColumn> extra_columns(const SweepResult& result) {
  std::vector<ExtraColumn> columns;
  for (const ExtraColumn& column : kExtraColumns)
    if (std::any_of(result.trials.begin(), result.trials.end(), [&](const Trial& trial) {
          return trial.metrics && !column.text(*trial.metrics).empty();
        }))
      columns.push_back(column);
  return columns;
}

std::vector<std::string> trial_row(const Trial& trial, const CellAudit& audit,
                                   const std::vector<ExtraColumn>& extra) {
  const TrialOutcome outcome = is_invalidated(trial, audit) ? TrialOutcome::invalid : trial.outcome;
  std::vector<std::string> row = {std::to_string(trial.block + 1), std::to_string(trial.position + 1),
                                  trial.cell_id, std::string(trial_outcome_name(outcome))};
  if (!trial.metrics) {
    row.resize(row.size() + 12);
  } else {
    const TrialMetrics& metrics = *trial.metrics;
    row.insert(
        row.end(),
        {number(metrics.throughput_mib_per_s, 1), number(metrics.duration_s, 3),
         number(static_cast<double>(metrics.wire_bytes) / 1e6 / std::max(metrics.duration_s, 1e-9), 1),
         number(metrics.cpu_user_s, 3), number(metrics.cpu_sys_s, 3),
         number(static_cast<double>(metrics.peak_rss_bytes) / 0x1.0p20, 0), number(metrics.in_flight_mean, 1),
         number(metrics.chunk.p50_ms, 2), number(metrics.chunk.p99_ms, 2), std::to_string(metrics.requests),
         std::to_string(metrics.retries), metrics.sha256_kernel});
  }
  for (const ExtraColumn& column : extra) row.push_back(trial.metrics ? column.text(*trial.metrics) : "");
  row.push_back(trial_reason(trial, audit));
  return row;
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return or_unknown(text);
}

html::Table host_table(const SweepResult& result) {
  const HostInfo& host = result.host;
  html::Table table{"Host and program", {"what", "value"}, {}};
  table.rows = {
      {"CPU", host.cpu_model},
      {"logical CPUs", std::to_string(host.logical_cpus)},
      {"memory", format_byte_count(host.memory_bytes)},
      {"kernel", host.kernel},
      {"CPU flags of interest", listed(host.cpu_flags)},
      {"OpenSSL's CPU settings", or_unknown(host.openssl_cpu_settings)},
      {"load average at the start", number(host.load_average_1m, 2)},
      {"virtualisation", or_unknown(host.virtualisation)},
      {"frequency governor", or_unknown(host.governor)},
      {"depthfinder", result.tool.version + ", " + result.tool.build_type + ", " + result.tool.compiler}};
  for (const auto& [name, version] : result.tool.libraries) table.rows.push_back({name, version});
  return table;
}

// In the words of a scenario file. A recorded trace would fill the page.
std::string server_words(const Scenario& scenario) {
  constexpr std::size_t kLengthMax = 600;
  const auto document = nlohmann::ordered_json::parse(scenario_json(scenario));
  std::string words = document.value("server", nlohmann::ordered_json::object()).dump();
  if (words.size() > kLengthMax)
    words = fmt::format("{}\xe2\x80\xa6 ({} characters more)", words.substr(0, kLengthMax),
                        words.size() - kLengthMax);
  return words;
}

html::Table scenario_table(const SweepResult& result) {
  const Scenario& scenario = result.scenario;
  const ImageSpec& image = scenario.image;
  html::Table table{"Scenario", {"what", "value"}, {}};
  table.rows = {{"name", scenario.name},
                {"image", fmt::format("{}, {} zeros, {} duplicates, compresses by {}, {}",
                                      format_byte_count(image.size_bytes), percent(image.zeros),
                                      percent(image.duplicates), number(image.compress, 2),
                                      image.encrypt ? "encrypted" : "not encrypted")},
                {"server", server_words(scenario)},
                {"blocks planned", std::to_string(result.blocks_planned)},
                {"seed of the orders", std::to_string(result.seed)},
                {"seed of the image", std::to_string(image.seed)},
                {"memory budget", format_byte_count(scenario.memory_budget_bytes)},
                {"SHA-256 of the scenario", result.scenario_sha256},
                {"sources", or_unknown(scenario.sources)}};
  return table;
}

}  // namespace

Markup reasons(const Input& input) {
  const Recommendation& recommendation = input.recommendation;
  Markup content = join(
      element("h2", {}, "Why this cell, and why not its neighbours"),
      element("p", {}, recommendation.headline.reason), rejected_table(recommendation.headline),
      element("h3", {}, "What would change the choice"), plain_list(recommendation.headline.would_change));
  if (recommendation.shipped)
    content += beside("Among the cells of the shipped strategy: ", *recommendation.shipped);
  for (const Pick& other : recommendation.other_cpus)
    content += beside("With " + cpu_words(cpu_state(other.cell)) + ": ", other);
  if (recommendation.other_sha_ni)
    content += beside(recommendation.other_sha_ni->cell.sha_ni == ShaNi::off ? "Without SHA extensions: "
                                                                             : "With SHA extensions: ",
                      *recommendation.other_sha_ni);
  return element("section", {}, content);
}

Markup trials(const SweepResult& result) {
  html::Table table{"Every trial, in the order they ran",
                    {"#block", "#position", "cell", "outcome", "#MiB/s", "#s", "#wire MB/s", "#user s",
                     "#system s", "#peak MiB", "#in flight", "#chunk p50 ms", "#chunk p99 ms", "#requests",
                     "#retries", "SHA-256 kernel"},
                    {}};
  const std::vector<ExtraColumn> extra = extra_columns(result);
  for (const ExtraColumn& column : extra) table.columns.emplace_back(column.name);
  table.columns.emplace_back("reason");
  const auto audits = audit_cells(result);
  for (const Trial& trial : result.trials)
    table.rows.push_back(trial_row(trial, audits.at(trial.cell_id), extra));
  return element(
      "section", {},
      join(element("h2", {}, "The raw numbers"),
           element("p", {{"class", "soft"}},
                   "Each row is one restore in a process of its own. Nothing is dropped; only rows that are "
                   "ok enter the statistics."),
           html::details(fmt::format("All {}", counted(static_cast<long long>(table.rows.size()), "trial")),
                         html::table(table))));
}

Markup origin(const SweepResult& result) {
  const std::string method = fmt::format(
      "All cells run once per block, in an order drawn anew for each block. Intervals are percentile "
      "bootstraps over blocks of the "
      "median, 10,000 resamples, 95 %. The recommended cell is the cheapest whose mean log throughput, block "
      "by block, is within "
      "{} of the fastest cell's; cheapest means least buffer memory, then CPU time (differences under {} "
      "count as none), then "
      "threads, then depth. Confidence is the share of {} block resamples that choose the same. The "
      "certified cell is the cheapest "
      "whose one-sided 95 % lower bound is within {}.",
      percent(kToleratedLoss), percent(kCpuNoise), kConfidenceResamples, percent(kToleratedLoss));
  return element(
      "section", {},
      join(element("h2", {}, "Host, scenario, method"), element("p", {}, result.scenario.about),
           element("p", {}, method),
           element("div", {{"class", "pair"}},
                   join(element("div", {{"class", "card"}}, html::table(host_table(result))),
                        element("div", {{"class", "card"}}, html::table(scenario_table(result)))))));
}

}  // namespace depthfinder::sections
