// SPDX-License-Identifier: MIT
#include "reports/bystander_cost.h"

#include <algorithm>

#include "reports/words.h"

namespace depthfinder {
namespace {

template <typename Figure>
std::optional<double> median_of_trials(const CellSummary& cell, Figure figure) {
  std::vector<double> values;
  for (const auto& [block, metrics] : cell.trials) {
    if (!metrics->bystander) continue;
    if (const std::optional<double> value = figure(*metrics->bystander)) values.push_back(*value);
  }
  if (values.empty() || values.size() * 2 < cell.trials.size()) return std::nullopt;
  return median(values);
}

std::optional<double> ratio_at(const BystanderFigures& figures, BystanderPercentile percentile) {
  switch (percentile) {
    case BystanderPercentile::p50:
      return figures.ratio_p50;
    case BystanderPercentile::p99:
      return figures.ratio_p99;
    case BystanderPercentile::p999:
      return figures.ratio_p999;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> bystander_ratio(const CellSummary& cell, BystanderPercentile percentile) {
  return median_of_trials(
      cell, [percentile](const BystanderFigures& figures) { return ratio_at(figures, percentile); });
}

std::optional<double> bystander_ms(const CellSummary& cell, double BystanderTimes::*time,
                                   BystanderTimes BystanderFigures::*when) {
  return median_of_trials(
      cell, [&](const BystanderFigures& figures) { return std::optional((figures.*when).*time); });
}

std::optional<std::string> bystander_fault(const CellSummary& cell,
                                           const std::optional<BystanderBudget>& budget) {
  if (!budget) return std::nullopt;
  const std::string text = bystander_budget_text(*budget);
  const auto ratio = bystander_ratio(cell, budget->percentile);
  if (!ratio)
    return fmt::format(
        "its bystander's {} was not measured, so nothing shows that it keeps to the budget of {}",
        percentile_name(budget->percentile), text);
  if (*ratio < budget->factor) return std::nullopt;
  return fmt::format("it makes the bystander's {} {} times as long, over the budget of {}",
                     percentile_name(budget->percentile), number(*ratio, 2), text);
}

bool has_bystander(const SweepResult& result) {
  return std::any_of(result.trials.begin(), result.trials.end(), [](const Trial& trial) {
    return trial.metrics && trial.metrics->bystander.has_value();
  });
}

}  // namespace depthfinder
