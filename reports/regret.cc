// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "reports/bystander_cost.h"
#include "reports/cell_summary.h"
#include "reports/point_rule.h"
#include "reports/recommend.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

// Regrets that differ by less are ties.
constexpr double kTie = 0.01;

using RateById = std::map<std::string, double>;

// Of the cells that may be chosen: of a fixed setting, and within the bystander's budget.
RateById rates_of(const SweepResult& result) {
  RateById rates;
  for (const CellSummary& summary : fixed_cells(summarise_cells(result)))
    if (!bystander_fault(summary, result.scenario.bystander_budget))
      rates[summary.cell.id] = summary.throughput_mib_per_s();
  return rates;
}

struct Candidate {
  Cell cell;
  std::vector<double> regrets;  // one per result
  double regret_max = 0;
};

// The cells with valid trials in every result, with their rates there.
std::vector<Candidate> common_cells(std::span<const SweepResult> results, std::span<const RateById> rates) {
  std::vector<Candidate> candidates;
  for (const Cell& cell : results.front().cells) {
    Candidate candidate{cell, {}, 0};
    for (const RateById& by_id : rates)
      if (const auto found = by_id.find(cell.id); found != by_id.end())
        candidate.regrets.push_back(found->second);
    if (candidate.regrets.size() == results.size()) candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// Turns the rates into 1 - X / X_best, the best among the candidates.
void rates_to_regrets(std::vector<Candidate>& candidates, std::size_t results) {
  for (std::size_t i = 0; i < results; ++i) {
    double best = 0;
    for (const Candidate& candidate : candidates) best = std::max(best, candidate.regrets[i]);
    for (Candidate& candidate : candidates) candidate.regrets[i] = 1 - candidate.regrets[i] / best;
  }
  for (Candidate& candidate : candidates)
    candidate.regret_max = *std::max_element(candidate.regrets.begin(), candidate.regrets.end());
}

// One choice is for one CPU state: the host's own where it is among them.
void keep_own_state(std::vector<Candidate>& candidates) {
  if (candidates.empty()) return;
  CpuState own = cpu_state(candidates.front().cell);
  for (const Candidate& candidate : candidates) own = std::min(own, cpu_state(candidate.cell));
  std::erase_if(candidates, [own](const Candidate& candidate) { return cpu_state(candidate.cell) != own; });
}

const Candidate& least_regret(const std::vector<Candidate>& candidates) {
  double least = 1;
  for (const Candidate& candidate : candidates) least = std::min(least, candidate.regret_max);
  const Candidate* chosen = nullptr;
  const auto cost = [](const Cell& cell) { return std::pair(buffer_bytes(cell), decode_threads(cell)); };
  for (const Candidate& candidate : candidates)
    if (candidate.regret_max <= least + kTie && (!chosen || cost(candidate.cell) < cost(chosen->cell)))
      chosen = &candidate;
  return *chosen;
}

std::string regret_line(const Candidate& candidate, std::span<const SweepResult> results) {
  std::string line = cell_words(candidate.cell) + ": loses at most " + percent(candidate.regret_max) + " (";
  for (std::size_t i = 0; i < results.size(); ++i)
    line +=
        fmt::format("{}{} {}", i == 0 ? "" : ", ", results[i].scenario.name, percent(candidate.regrets[i]));
  return line + ")";
}

}  // namespace

Result<CommonChoice> minimax_regret(std::span<const SweepResult> results) {
  if (results.empty()) return fail(ErrorKind::bad_input, "no results were given to choose among");
  std::vector<RateById> rates;
  for (const SweepResult& result : results) {
    rates.push_back(rates_of(result));
    if (rates.back().empty())
      return fail(ErrorKind::bad_input, "scenario {}: no trial of this result is valid",
                  result.scenario.name);
  }
  auto candidates = common_cells(results, rates);
  keep_own_state(candidates);
  if (candidates.empty())
    return fail(ErrorKind::bad_input,
                "no cell was measured in all {} results: give results of scenarios with common axes",
                results.size());
  rates_to_regrets(candidates, results.size());
  const Candidate& chosen = least_regret(candidates);
  CommonChoice choice{chosen.cell, chosen.regret_max, regret_line(chosen, results) + "\n"};
  for (const Candidate& candidate : candidates)
    if (candidate.cell.strategy == "spawned" && candidate.cell.depth == 16 && candidate.cell.threads == 4 &&
        !(candidate.cell == chosen.cell))
      choice.text += "upstream's default, " + regret_line(candidate, results) + "\n";
  return choice;
}

}  // namespace depthfinder
