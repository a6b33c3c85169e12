// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/audit.h"
#include "reports/report_sections.h"
#include "reports/words.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

constexpr std::size_t kRowsShown = 40;  // longer tables open on demand
constexpr const char* kNone = "\xe2\x80\x93";

// Over all trials of a cell, those that failed too.
struct Mishaps {
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t retries = 0;
  int failed = 0;
};

std::map<std::string, Mishaps> mishaps_by_cell(const SweepResult& result) {
  std::map<std::string, Mishaps> cells;
  for (const Trial& trial : result.trials) {
    Mishaps& cell = cells[trial.cell_id];
    if (trial.outcome == TrialOutcome::failed) ++cell.failed;
    if (trial.metrics) cell.retries += trial.metrics->retries;
    if (!trial.audit) continue;
    for (const auto& [kind, count] : trial.audit->faults) cell.faults[kind] += count;
  }
  return cells;
}

std::string faults_words(const std::map<std::string, std::uint64_t>& faults) {
  std::string words;
  for (const auto& [kind, count] : faults)
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", kind, count);
  return words.empty() ? kNone : words;
}

std::string verdict_words(const CellAudit& audit) {
  if (audit.trials == 0) return "not audited";
  std::string words = audit.on_target() ? "on target" : "off target: " + audit.reason();
  if (audit.mock_was_limit()) words += "; the mock was the limit";
  return words;
}

std::vector<std::string> row_of(const Cell& cell, const CellAudit& audit, const Mishaps& mishaps) {
  std::vector<std::string> row = {cell_words(cell)};
  if (audit.trials == 0)
    row.resize(7, kNone);
  else
    row.insert(row.end(), {number(audit.latency_asked_p50_ms, 2), number(audit.latency_served_p50_ms, 2),
                           number(audit.latency_asked_p99_ms, 2), number(audit.latency_served_p99_ms, 2),
                           audit.link_asked ? percent(audit.link_lost_share) : kNone,
                           percent(audit.busiest_connection_cpu_share)});
  row.insert(row.end(),
             {std::to_string(audit.trials), std::to_string(audit.trials_off), faults_words(mishaps.faults),
              std::to_string(mishaps.retries), std::to_string(mishaps.failed), verdict_words(audit)});
  return row;
}

std::string summary(const SweepResult& result, const std::map<std::string, CellAudit>& audits) {
  std::size_t audited = 0, on_target = 0, limits = 0;
  for (const Cell& cell : result.cells) {
    const CellAudit& audit = audits.at(cell.id);
    if (audit.trials == 0) continue;
    ++audited;
    if (audit.on_target()) ++on_target;
    if (audit.mock_was_limit()) ++limits;
  }
  if (audited == 0) return "This result holds no audit of the server.";
  std::string text = fmt::format("On target in {} of {}.", on_target,
                                 counted(static_cast<long long>(audited), "audited cell"));
  if (on_target < audited) text += " The cells off target are left out of every figure above.";
  if (limits > 0)
    text +=
        fmt::format(" In {} the mock itself was the limit.", counted(static_cast<long long>(limits), "cell"));
  return text;
}

}  // namespace

Markup audit(const SweepResult& result) {
  const auto audits = audit_cells(result);
  const auto mishaps = mishaps_by_cell(result);
  html::Table table{
      "Medians over each cell\xe2\x80\x99s valid trials; faults, retries and failures of all its trials",
      {"cell", "#p50 asked ms", "#p50 served ms", "#p99 asked ms", "#p99 served ms", "#link time lost",
       "#mock thread busy", "#trials", "#off", "faults injected", "#retries", "#failed", "verdict"},
      {}};
  for (const Cell& cell : result.cells) {
    const auto found = mishaps.find(cell.id);
    table.rows.push_back(
        row_of(cell, audits.at(cell.id), found == mishaps.end() ? Mishaps{} : found->second));
  }
  const std::string rule = fmt::format(
      "A mock server that answers late, or that is the limit itself, would make every figure above its own. "
      "On "
      "target: p50 within {} or {} ms of what was asked, p99 within {} or {} ms, at most {} of the "
      "link\xe2\x80\x99s "
      "time lost, in the median trial.",
      percent(kP50ShareAllowed), number(kP50AllowedMs, 1), percent(kP99ShareAllowed),
      number(kP99AllowedMs, 1), percent(kLinkLostAllowed));
  const Markup rows = html::table(table);
  return element("section", {},
                 join(element("h2", {}, "Did the server do what it was asked?"),
                      element("p", {}, summary(result, audits)), element("p", {{"class", "soft"}}, rule),
                      table.rows.size() > kRowsShown
                          ? html::details(fmt::format("All {} cells", table.rows.size()), rows)
                          : rows));
}

}  // namespace depthfinder::sections
