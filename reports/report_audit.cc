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
  std::string words = audit.on_target() ? "on target" : "off target";
  if (audit.mock_was_limit()) words += ", was the limit";
  return words;
}

std::string asked_and_served(double asked_ms, double served_ms) {
  return fmt::format("{} \xe2\x86\x92 {}", number(asked_ms, 2), number(served_ms, 2));
}

std::vector<std::string> row_of(const Cell& cell, const CellAudit& audit, const Mishaps& mishaps) {
  std::vector<std::string> row = {cell_words(cell), verdict_words(audit)};
  if (audit.trials == 0)
    row.resize(7, kNone);
  else
    row.insert(row.end(), {asked_and_served(audit.latency_asked_p50_ms, audit.latency_served_p50_ms),
                           asked_and_served(audit.latency_asked_p99_ms, audit.latency_served_p99_ms),
                           audit.link_asked ? percent(audit.link_lost_share) : kNone,
                           percent(audit.busiest_connection_cpu_share),
                           fmt::format("{} of {}", audit.trials_off, audit.trials)});
  row.insert(row.end(),
             {faults_words(mishaps.faults), std::to_string(mishaps.retries), std::to_string(mishaps.failed)});
  return row;
}

// Empty without any.
Markup reasons_off_target(const SweepResult& result, const std::map<std::string, CellAudit>& audits) {
  Markup reasons;
  std::size_t off_target = 0;
  for (const Cell& cell : result.cells) {
    const CellAudit& audit = audits.at(cell.id);
    if (audit.on_target()) continue;
    ++off_target;
    reasons += element("li", {}, cell_words(cell) + ": " + audit.reason());
  }
  if (off_target == 0) return {};
  return html::details(fmt::format("Why {} off target",
                                   off_target == 1 ? "1 cell is" : fmt::format("{} cells are", off_target)),
                       element("ul", {{"class", "plain"}}, reasons));
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
  if (on_target < audited) text += " The cells off target are left out of every choice and figure.";
  if (limits > 0)
    text +=
        fmt::format(" In {} the mock itself was the limit.", counted(static_cast<long long>(limits), "cell"));
  return text;
}

}  // namespace

Markup audit(const SweepResult& result) {
  const auto audits = audit_cells(result);
  const std::string rule = fmt::format(
      "A mock server that answers late, or that is the limit itself, would make every figure above its own. "
      "On target: p50 within {} or {} ms of what was asked, p99 within {} or {} ms, at most {} of the "
      "link\xe2\x80\x99s time lost, in the median trial. Figures are medians over a cell\xe2\x80\x99s valid "
      "trials; faults, retries and failures are sums over all. Mock busy: the thread of its busiest "
      "connection.",
      percent(kP50ShareAllowed), number(kP50AllowedMs, 1), percent(kP99ShareAllowed),
      number(kP99AllowedMs, 1), percent(kLinkLostAllowed));
  const html::Table table = tables::audit(result);
  return element("section", {},
                 join(element("h2", {}, "Did the server do what it was asked?"),
                      element("p", {}, summary(result, audits)), element("p", {{"class", "soft"}}, rule),
                      reasons_off_target(result, audits),
                      html::details(fmt::format("All {} cells", table.rows.size()), html::table(table))));
}

std::string audit_summary(const SweepResult& result) { return summary(result, audit_cells(result)); }

}  // namespace depthfinder::sections

namespace depthfinder::tables {

using namespace sections;  // of this file: the rows of the audit

html::Table audit(const SweepResult& result) {
  const auto audits = audit_cells(result);
  const auto mishaps = mishaps_by_cell(result);
  html::Table table{"Asked \xe2\x86\x92 served, cell by cell",
                    {"cell", "verdict", "#p50, ms", "#p99, ms", "#link lost", "#mock busy", "#trials off",
                     "faults", "#retries", "#failed"},
                    {}};
  for (const Cell& cell : result.cells) {
    const auto found = mishaps.find(cell.id);
    table.rows.push_back(
        row_of(cell, audits.at(cell.id), found == mishaps.end() ? Mishaps{} : found->second));
  }
  return table;
}

}  // namespace depthfinder::tables
