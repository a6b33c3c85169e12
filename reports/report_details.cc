// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/audit.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/words.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

Markup plain_list(const std::vector<std::string>& items) {
  Markup all;
  for (const std::string& item : items) all += element("li", {}, item);
  return element("ul", {{"class", "plain"}}, all);
}

Markup beside(std::string_view heading, const Pick& pick) {
  return join(element("h3", {}, std::string(heading) + cell_words(pick.cell)), element("p", {}, pick.reason),
              html::details("Why its neighbours lost", html::table(tables::rejected(pick))));
}

// A trial that is ok by itself proves nothing in a cell whose mock was off target.
bool is_invalidated(const Trial& trial, const CellAudit& audit) {
  return trial.outcome == TrialOutcome::ok && !audit.on_target();
}

std::string trial_reason(const Trial& trial, const CellAudit& audit) {
  if (trial.outcome != TrialOutcome::ok) return trial.reason;
  if (!audit.on_target()) return "the mock was off target in this cell: " + audit.reason();
  if (!trial.audit) return {};
  const AuditVerdict verdict = audit_trial(*trial.audit);
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

}  // namespace

Markup reasons(const Input& input) {
  const Recommendation& recommendation = input.recommendation;
  Markup content = join(element(input.is_part ? "h3" : "h2", {}, "Why this cell, and why not its neighbours"),
                        element("p", {}, recommendation.headline.reason),
                        html::table(tables::rejected(recommendation.headline)),
                        element(input.is_part ? "h4" : "h3", {}, "What would change the choice"),
                        plain_list(recommendation.headline.would_change));
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

}  // namespace depthfinder::sections

namespace depthfinder::tables {

using namespace sections;  // of this file: the rows of a trial

html::Table trials(const SweepResult& result) {
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
  return table;
}

}  // namespace depthfinder::tables

namespace depthfinder::sections {

Markup trials(const SweepResult& result, std::size_t bytes_left) {
  const html::Table table = tables::trials(result);
  const std::string count = counted(static_cast<long long>(table.rows.size()), "trial");
  Markup rows = html::details("All " + count, html::table(table));
  if (rows.text.size() > bytes_left)
    rows = element(
        "p", {},
        fmt::format("The {} would make this page too large: they are in the result file. report --csv has "
                    "every cell, --benchmark-json every valid trial.",
                    count));
  return element(
      "section", {{"class", "raw"}},
      join(element("h2", {}, "The raw numbers"),
           element("p", {{"class", "soft"}},
                   "Each row is one restore in a process of its own. Nothing is dropped; only rows that are "
                   "ok enter the statistics."),
           rows));
}

Markup origin(const SweepResult& result) {
  return element(
      "section", {},
      join(element("h2", {}, "Host, scenario, method"), element("p", {}, result.scenario.about),
           element("p", {}, method_words()),
           element("div", {{"class", "pair"}},
                   join(element("div", {{"class", "card"}}, html::table(tables::host(result))),
                        element("div", {{"class", "card"}}, html::table(tables::scenario(result)))))));
}

}  // namespace depthfinder::sections
