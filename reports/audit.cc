// SPDX-License-Identifier: MIT
#include "reports/audit.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/statistics.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

// At the bound is within it, whatever the last bit of a double says.
constexpr double kRounding = 1e-9;

// "12.9", "10.0", "10.05"
std::string milliseconds(double value) {
  std::string text = number(value, 2);
  if (text.ends_with('0')) text.pop_back();
  return text + " ms";
}

double p50_allowed_ms(const TrialAudit& audit) {
  return std::max(kP50ShareAllowed * audit.latency_asked_p50_ms, kP50AllowedMs);
}
double p99_allowed_ms(const TrialAudit& audit) {
  return std::max(kP99ShareAllowed * audit.latency_asked_p99_ms, kP99AllowedMs);
}

std::string latency_words(std::string_view name, double served_ms, double asked_ms, double allowed_ms) {
  return fmt::format("{} {} served, {} asked (allowed: {} off)", name, milliseconds(served_ms),
                     milliseconds(asked_ms), milliseconds(allowed_ms));
}

// One figure of an audit that has a target.
struct Target {
  double (*error)(const TrialAudit&);  // how far it is off, over what it may be off by
  std::string (*words)(const TrialAudit&);
};

constexpr Target kTargets[] = {
    {[](const TrialAudit& audit) {
       return std::abs(audit.latency_served_p50_ms - audit.latency_asked_p50_ms) / p50_allowed_ms(audit);
     },
     [](const TrialAudit& audit) {
       return latency_words("p50", audit.latency_served_p50_ms, audit.latency_asked_p50_ms,
                            p50_allowed_ms(audit));
     }},
    {[](const TrialAudit& audit) {
       return std::abs(audit.latency_served_p99_ms - audit.latency_asked_p99_ms) / p99_allowed_ms(audit);
     },
     [](const TrialAudit& audit) {
       return latency_words("p99", audit.latency_served_p99_ms, audit.latency_asked_p99_ms,
                            p99_allowed_ms(audit));
     }},
    {[](const TrialAudit& audit) { return link_lost_share(audit) / kLinkLostAllowed; },
     [](const TrialAudit& audit) {
       return fmt::format("{} of the link's time lost to late timers (allowed: {})",
                          percent(link_lost_share(audit)), percent(kLinkLostAllowed));
     }}};

bool exceeds(double error) { return error > 1 + kRounding; }

template <typename Figure>
double median_of(std::span<const TrialAudit* const> audits, Figure figure) {
  std::vector<double> values;
  values.reserve(audits.size());
  for (const TrialAudit* audit : audits) values.push_back(figure(*audit));
  return median(values);
}

double median_of(std::span<const TrialAudit* const> audits, double TrialAudit::*figure) {
  return median_of(audits, [figure](const TrialAudit& audit) { return audit.*figure; });
}

// The trial in the middle; of an even number the worse of the two, so that its words never deny a miss.
const TrialAudit& middle_trial(std::span<const TrialAudit* const> audits, const Target& target) {
  std::vector<const TrialAudit*> sorted(audits.begin(), audits.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&target](const TrialAudit* a, const TrialAudit* b) {
    return target.error(*a) < target.error(*b);
  });
  return *sorted[sorted.size() / 2];
}

std::vector<std::string> misses_of(std::span<const TrialAudit* const> audits) {
  std::vector<std::string> misses;
  for (const Target& target : kTargets) {
    if (!exceeds(median_of(audits, target.error))) continue;
    const auto off = std::count_if(audits.begin(), audits.end(), [&target](const TrialAudit* audit) {
      return exceeds(target.error(*audit));
    });
    misses.push_back(fmt::format("{} in the median trial, off in {} of {}",
                                 target.words(middle_trial(audits, target)), off, audits.size()));
  }
  return misses;
}

}  // namespace

double link_lost_share(const TrialAudit& audit) {
  const double total_s = audit.link_busy_s + audit.link_lost_s;
  return audit.link_asked_bytes_per_s > 0 && total_s > 0 ? audit.link_lost_s / total_s : 0;
}

AuditVerdict audit_trial(const TrialAudit& audit) {
  AuditVerdict verdict;
  for (const Target& target : kTargets)
    if (exceeds(target.error(audit))) verdict.misses.push_back(target.words(audit));
  return verdict;
}

std::string CellAudit::reason() const { return fmt::format("{}", fmt::join(misses, "; ")); }

CellAudit audit_cell(std::span<const TrialAudit* const> audits) {
  CellAudit cell;
  if (audits.empty()) return cell;
  cell.trials = static_cast<int>(audits.size());
  cell.trials_off = static_cast<int>(std::count_if(audits.begin(), audits.end(), [](const TrialAudit* audit) {
    return !audit_trial(*audit).on_target();
  }));
  cell.link_asked = std::any_of(audits.begin(), audits.end(),
                                [](const TrialAudit* audit) { return audit->link_asked_bytes_per_s > 0; });
  cell.latency_asked_p50_ms = median_of(audits, &TrialAudit::latency_asked_p50_ms);
  cell.latency_asked_p99_ms = median_of(audits, &TrialAudit::latency_asked_p99_ms);
  cell.latency_served_p50_ms = median_of(audits, &TrialAudit::latency_served_p50_ms);
  cell.latency_served_p99_ms = median_of(audits, &TrialAudit::latency_served_p99_ms);
  cell.link_lost_share = median_of(audits, link_lost_share);
  cell.busiest_connection_cpu_share = median_of(audits, &TrialAudit::busiest_connection_cpu_share);
  cell.misses = misses_of(audits);
  return cell;
}

std::map<std::string, CellAudit> audit_cells(const SweepResult& result) {
  std::map<std::string, std::vector<const TrialAudit*>> audits;
  for (const Cell& cell : result.cells) audits[cell.id];
  for (const Trial& trial : result.trials)
    if (trial.outcome == TrialOutcome::ok && trial.audit) audits[trial.cell_id].push_back(&*trial.audit);
  std::map<std::string, CellAudit> cells;
  for (const auto& [id, of_cell] : audits) cells.emplace(id, audit_cell(of_cell));
  return cells;
}

}  // namespace depthfinder
