// SPDX-License-Identifier: MIT
#include "reports/warnings.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/words.h"

namespace depthfinder {
namespace {

constexpr std::size_t kCellsNamed = 3;

std::string total(std::size_t count, std::string_view noun) {
  return counted(static_cast<long long>(count), noun);
}

// "a; b; c; and 2 more"
std::string first_few(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kCellsNamed); ++i)
    text += (i == 0 ? "" : "; ") + items[i];
  if (items.size() > kCellsNamed) text += fmt::format("; and {} more", items.size() - kCellsNamed);
  return text;
}

void warn_of_trials_left_out(const SweepResult& result, std::vector<std::string>& warnings) {
  for (const TrialOutcome outcome : {TrialOutcome::failed, TrialOutcome::cancelled, TrialOutcome::invalid}) {
    const auto is = [outcome](const Trial& trial) { return trial.outcome == outcome; };
    const auto count = std::count_if(result.trials.begin(), result.trials.end(), is);
    if (count == 0) continue;
    const auto first = std::find_if(result.trials.begin(), result.trials.end(), is);
    warnings.push_back(fmt::format("{} {} and left out; the first: {}", counted(count, "trial"),
                                   outcome == TrialOutcome::invalid ? "invalid" : trial_outcome_name(outcome),
                                   first->reason.empty() ? "no reason given" : first->reason));
  }
}

void warn_of_faults(const SweepResult& result, std::vector<std::string>& warnings) {
  std::map<std::string, std::uint64_t> faults;
  std::size_t trials = 0, failed = 0;
  std::uint64_t injected = 0, retries = 0;
  for (const Trial& trial : result.trials) {
    if (!trial.audit || trial.audit->faults.empty()) continue;
    ++trials;
    if (trial.outcome == TrialOutcome::failed) ++failed;
    if (trial.metrics) retries += trial.metrics->retries;
    for (const auto& [kind, count] : trial.audit->faults) {
      faults[kind] += count;
      injected += count;
    }
  }
  if (injected == 0) return;
  std::string kinds;
  for (const auto& [kind, count] : faults)
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", kind, count);
  warnings.push_back(
      fmt::format("The mock injected {} ({}) into {}: {} of these failed and left out; the others "
                  "took {} retries, which their rates include",
                  total(injected, "fault"), kinds, total(trials, "trial"), failed, retries));
}

void warn_of_the_mock(std::span<const CellSummary> all, ServerKind server_kind,
                      std::vector<std::string>& warnings) {
  std::vector<std::string> off_target, limits;
  std::size_t unaudited = 0, trials_off = 0;
  for (const CellSummary& summary : all) {
    const CellAudit& audit = summary.audit;
    unaudited += summary.trials.size() - static_cast<std::size_t>(audit.trials);
    if (!audit.on_target()) {
      off_target.push_back(cell_words(summary.cell) + ": " + audit.misses.front());
      continue;
    }
    trials_off += static_cast<std::size_t>(audit.trials_off);
    if (audit.mock_was_limit())
      limits.push_back(fmt::format("{}: its busiest connection thread was busy {} of the time",
                                   cell_words(summary.cell), percent(audit.busiest_connection_cpu_share)));
  }
  if (!off_target.empty())
    warnings.push_back(fmt::format("The mock was off target in {}, left out as invalid: {}",
                                   total(off_target.size(), "cell"), first_few(off_target)));
  if (trials_off > 0)
    warnings.push_back(
        fmt::format("The mock was off target in {} of cells that are on target in the median; "
                    "these count",
                    total(trials_off, "single trial")));
  if (!limits.empty())
    warnings.push_back(
        fmt::format("The mock was the limit in {}: {}", total(limits.size(), "cell"), first_few(limits)));
  if (unaudited > 0 && server_kind == ServerKind::mock)
    warnings.push_back(
        fmt::format("{} without an audit of the mock, whose metrics could not be read: what these "
                    "were served is not proven",
                    total(unaudited, "valid trial")));
}

void warn_of_the_race(const SweepResult& result, std::vector<std::string>& warnings) {
  const auto dropped =
      std::count_if(result.racing.begin(), result.racing.end(),
                    [](const RacingDecision& decision) { return decision.decision == "dropped"; });
  if (dropped > 0)
    warnings.push_back(
        fmt::format("The race dropped {} of {}; what is said of these rests on the blocks before", dropped,
                    total(result.cells.size(), "cell")));
  if (result.server_kind == ServerKind::real)
    warnings.push_back("Measured against a real server: what it served, and to whom else, is not known");
}

}  // namespace

std::vector<std::string> make_warnings(const SweepResult& result, std::span<const CellSummary> all) {
  std::vector<std::string> warnings;
  if (!result.complete) warnings.push_back("The sweep is incomplete: these are the trials made so far.");
  warn_of_trials_left_out(result, warnings);
  warn_of_faults(result, warnings);
  warn_of_the_mock(all, result.server_kind, warnings);
  warn_of_the_race(result, warnings);
  return warnings;
}

}  // namespace depthfinder
