// SPDX-License-Identifier: MIT
#include "reports/compare.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "reports/cell_summary.h"
#include "reports/paired.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

std::vector<double> rates_of(const CellSummary& cell) {
  std::vector<double> rates;
  for (const auto& [block, metrics] : cell.trials) rates.push_back(metrics->throughput_mib_per_s);
  return rates;
}

ComparedCell compare_cells(const CellSummary& before, const CellSummary& after) {
  const std::vector<double> old_rates = rates_of(before), new_rates = rates_of(after);
  ComparedCell compared{before.cell,
                        static_cast<int>(old_rates.size()),
                        static_cast<int>(new_rates.size()),
                        median(old_rates),
                        median(new_rates),
                        {}};
  if (std::min(compared.trials_before, compared.trials_after) >= kComparedTrialsMin)
    compared.p_value = std::min(1.0, 2 * std::min(mann_whitney_p_value(old_rates, new_rates),
                                                  mann_whitney_p_value(new_rates, old_rates)));
  return compared;
}

std::vector<std::string> differences(const SweepResult& before, const SweepResult& after) {
  std::vector<std::string> warnings;
  if (before.scenario_sha256 != after.scenario_sha256) warnings.emplace_back("the scenarios differ");
  if (before.host.cpu_model != after.host.cpu_model || before.host.kernel != after.host.kernel)
    warnings.emplace_back("the hosts differ");
  if (before.tool.compiler != after.tool.compiler || before.tool.libraries != after.tool.libraries)
    warnings.emplace_back("compilers or libraries differ");
  return warnings;
}

std::string p_words(const std::optional<double>& p) {
  if (!p) return "too few";
  return *p < 0.0001 ? "< 0.0001" : number(*p, 4);
}

}  // namespace

Comparison compare_results(const SweepResult& before, const SweepResult& after) {
  Comparison comparison{{}, differences(before, after)};
  const auto new_cells = summarise_cells(after);
  for (const CellSummary& old_cell : summarise_cells(before))
    for (const CellSummary& new_cell : new_cells)
      if (old_cell.cell == new_cell.cell) comparison.cells.push_back(compare_cells(old_cell, new_cell));
  return comparison;
}

std::string comparison_text(const Comparison& comparison) {
  std::string text =
      "Trend only: two results from different times. What changed besides the restore\n"
      "is not known; \"gate\" measures two builds side by side.\n";
  for (const std::string& warning : comparison.warnings) text += "note: " + warning + "\n";
  if (comparison.cells.empty()) return text + "No cell was validly measured in both.\n";
  text +=
      fmt::format("\n{:<38} {:>8} {:>8} {:>8}  {}\n", "cell", "before", "after", "change", "p (two-sided)");
  for (const ComparedCell& cell : comparison.cells)
    text += fmt::format("{:<38} {:>8} {:>8} {:>6} %  {}\n", cell.cell.id, number(cell.before_mib_per_s, 1),
                        number(cell.after_mib_per_s, 1), fmt::format("{:+.1f}", 100 * cell.change()),
                        p_words(cell.p_value));
  return text +
         fmt::format("\nMiB/s, medians. p by Mann and Whitney, each cell alone, from {} trials a side up.\n",
                     kComparedTrialsMin);
}

std::string comparison_json(const Comparison& comparison) {
  ordered_json cells = ordered_json::array();
  for (const ComparedCell& cell : comparison.cells)
    cells.push_back({{"cell", cell.cell.id},
                     {"trials_before", cell.trials_before},
                     {"trials_after", cell.trials_after},
                     {"before_mib_per_s", cell.before_mib_per_s},
                     {"after_mib_per_s", cell.after_mib_per_s},
                     {"change", cell.change()},
                     {"p_value", cell.p_value ? ordered_json(*cell.p_value) : ordered_json(nullptr)}});
  const ordered_json document = {{"schema", "depthfinder-comparison"},
                                 {"schema_version", 1},
                                 {"trend_only", true},
                                 {"warnings", comparison.warnings},
                                 {"cells", cells}};
  return document.dump(1) + "\n";
}

}  // namespace depthfinder
