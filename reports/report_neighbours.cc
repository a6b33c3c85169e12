// SPDX-License-Identifier: MIT
#include "reports/bystander_cost.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/words.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::join;
using html::Markup;

std::string or_dash(const std::optional<double>& value) {
  return value ? number(*value, 2) : std::string(kNone);
}

std::vector<std::string> row_of(const CellSummary& cell, const std::optional<BystanderBudget>& budget) {
  std::vector<std::string> row = {
      cell_words(cell.cell),
      or_dash(bystander_ms(cell, &BystanderTimes::p50_ms, &BystanderFigures::alone)),
      or_dash(bystander_ms(cell, &BystanderTimes::p50_ms, &BystanderFigures::beside)),
      or_dash(bystander_ratio(cell, BystanderPercentile::p50)),
      or_dash(bystander_ms(cell, &BystanderTimes::p99_ms, &BystanderFigures::alone)),
      or_dash(bystander_ms(cell, &BystanderTimes::p99_ms, &BystanderFigures::beside)),
      or_dash(bystander_ratio(cell, BystanderPercentile::p99)),
      or_dash(bystander_ratio(cell, BystanderPercentile::p999))};
  if (budget) row.emplace_back(bystander_fault(cell, budget) ? "over" : "within");
  return row;
}

// As the first trial says it; all have the same.
std::string kind_of(const SweepResult& result) {
  for (const Trial& trial : result.trials)
    if (trial.metrics && trial.metrics->bystander) return trial.metrics->bystander->kind;
  return {};
}

}  // namespace

Markup neighbours(const SweepResult& result) {
  if (!has_bystander(result)) return {};
  return element(
      "section", {},
      join(element("h2", {}, "What a neighbour feels"),
           element(
               "p", {{"class", "soft"}},
               fmt::format("A bystander (\xe2\x80\x9c{}\xe2\x80\x9d) does small pieces of work, alone before "
                           "each restore and beside it. Times are from when a piece was due to its end.",
                           kind_of(result))),
           html::table(tables::neighbours(result))));
}

}  // namespace depthfinder::sections

namespace depthfinder::tables {

using namespace sections;  // of this file: the rows

html::Table neighbours(const SweepResult& result) {
  const auto& budget = result.scenario.bystander_budget;
  html::Table table{"Medians over blocks; x: beside the restore over alone",
                    {"cell", "#p50 alone ms", "#p50 beside ms", "#p50 x", "#p99 alone ms", "#p99 beside ms",
                     "#p99 x", "#p99.9 x"},
                    {}};
  if (budget) table.columns.push_back("budget " + bystander_budget_text(*budget));
  for (const CellSummary& cell : summarise_cells(result)) table.rows.push_back(row_of(cell, budget));
  return table;
}

}  // namespace depthfinder::tables
