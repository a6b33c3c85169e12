// SPDX-License-Identifier: MIT
#include "reports/regret.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "reports/auto_depth.h"
#include "reports/bystander_cost.h"
#include "reports/cell_summary.h"
#include "reports/point_rule.h"
#include "reports/regret_baselines.h"
#include "reports/words.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

using regret::Measured;
using regret::Rates;

// Regrets that differ by less are ties.
constexpr double kTie = 0.01;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Blocks = std::vector<std::size_t>;  // with repetitions, when resampled

// A setting with its rates in every result.
struct Candidate {
  Cell cell;
  std::vector<const Rates*> rates;
  std::string excluded;
};

// Blocks in which the cell was to run: those of a cell that was dropped early are fewer.
std::size_t blocks_planned_for(const SweepResult& result, const Cell& cell) {
  std::size_t planned = 0;
  for (const auto& order : result.block_orders)
    planned += static_cast<std::size_t>(std::count(order.begin(), order.end(), cell.id));
  return planned;
}

std::string why_excluded(const SweepResult& result, const CellSummary& summary) {
  if (buffer_bytes(summary.cell) > result.scenario.memory_budget_bytes)
    return "over the memory budget of " + mib(static_cast<double>(result.scenario.memory_budget_bytes));
  if (bystander_fault(summary, result.scenario.bystander_budget)) return "over the bystander's budget";
  if (summary.trials.size() * 2 < blocks_planned_for(result, summary.cell))
    return "valid in fewer than half of its blocks";
  return {};
}

Measured measured_in(const SweepResult& result) {
  Measured measured;
  measured.logical_cpus = result.host.logical_cpus;
  const auto summaries = fixed_cells(summarise_cells(result));
  std::set<CpuState> states;
  int blocks = 0;
  for (const CellSummary& summary : summaries) {
    states.insert(cpu_state(summary.cell));
    blocks = std::max(blocks, summary.trials.rbegin()->first + 1);
  }
  measured.blocks = static_cast<std::size_t>(blocks);
  for (const CellSummary& summary : summaries) {
    if (cpu_state(summary.cell) != *states.begin()) continue;  // the others stand for other hosts
    Rates rates{summary.cell, std::vector<double>(measured.blocks, kNaN), why_excluded(result, summary)};
    for (const auto& [block, metrics] : summary.trials)
      rates.log_throughput[static_cast<std::size_t>(block)] = std::log(metrics->throughput_mib_per_s);
    measured.cells.push_back(std::move(rates));
  }
  return measured;
}

// What makes two cells of different results the same setting.
std::string key_of(Cell cell, bool with_threads) {
  cell.sha_ni = ShaNi::on;
  cell.vectors = Vectors::all;
  if (!with_threads) cell.threads = 0;
  return runnable(cell).id;
}

Blocks all_blocks(std::size_t count) {
  Blocks blocks(count);
  for (std::size_t i = 0; i < count; ++i) blocks[i] = i;
  return blocks;
}

// Mean of ln X - ln X(other) over the blocks that both have; NaN without any.
double mean_log_ratio(const Rates& a, const Rates& b, const Blocks& blocks) {
  double sum = 0;
  int count = 0;
  for (const std::size_t block : blocks) {
    const double ratio = a.log_throughput[block] - b.log_throughput[block];
    if (!std::isfinite(ratio)) continue;
    sum += ratio;
    ++count;
  }
  return count > 0 ? sum / count : kNaN;
}

// Of the cells of one result that have the same key, the one to compare: the fastest that can be chosen.
void keep_faster(std::map<std::string, const Rates*>& by_key, const std::string& key, const Rates& rates,
                 const Blocks& blocks) {
  const Rates*& kept = by_key[key];
  const bool better = kept && kept->excluded.empty() == rates.excluded.empty()
                          ? mean_log_ratio(rates, *kept, blocks) > 0
                          : rates.excluded.empty();
  if (!kept || better) kept = &rates;
}

// The settings with valid trials in every result, in the first one's order.
std::vector<Candidate> common_settings(std::span<const Measured> results, bool with_threads) {
  std::vector<std::map<std::string, const Rates*>> by_key(results.size());
  for (std::size_t i = 0; i < results.size(); ++i)
    for (const Rates& rates : results[i].cells)
      keep_faster(by_key[i], key_of(rates.cell, with_threads), rates, all_blocks(results[i].blocks));
  std::vector<Candidate> candidates;
  std::set<std::string> seen;
  for (const Rates& first : results.front().cells) {
    const std::string key = key_of(first.cell, with_threads);
    if (!seen.insert(key).second) continue;
    Candidate candidate{first.cell, {}, {}};
    candidate.cell.sha_ni = ShaNi::on;
    candidate.cell.vectors = Vectors::all;
    if (!with_threads) candidate.cell.threads = 0;
    for (const auto& keys : by_key) {
      const auto found = keys.find(key);
      if (found == keys.end()) break;
      candidate.rates.push_back(found->second);
      if (candidate.excluded.empty()) candidate.excluded = found->second->excluded;
    }
    if (candidate.rates.size() == results.size()) candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// Compared pair by pair, as the point rule does.
const Rates* fastest(const std::vector<Candidate>& candidates, std::size_t result, const Blocks& blocks) {
  const Rates* best = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!candidate.excluded.empty()) continue;
    const Rates& rates = *candidate.rates[result];
    if (!best || mean_log_ratio(rates, *best, blocks) > 0) best = &rates;
  }
  return best;
}

using Regrets = std::vector<std::vector<std::optional<double>>>;  // by candidate, by result

Regrets regrets_of(const std::vector<Candidate>& candidates, const std::vector<Blocks>& draws) {
  Regrets regrets(candidates.size());
  for (std::size_t result = 0; result < draws.size(); ++result) {
    const Rates* best = fastest(candidates, result, draws[result]);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const double ratio = mean_log_ratio(*candidates[i].rates[result], *best, draws[result]);
      std::optional<double> regret;
      if (std::isfinite(ratio)) regret = std::max(0.0, -std::expm1(ratio));
      // What cannot be chosen may be faster than all that can.
      if (regret && !candidates[i].excluded.empty()) regret = -std::expm1(ratio);
      regrets[i].push_back(regret);
    }
  }
  return regrets;
}

std::optional<double> largest(const std::vector<std::optional<double>>& regrets) {
  std::optional<double> most;
  for (const auto& regret : regrets) {
    if (!regret) return std::nullopt;
    if (!most || *regret > *most) most = regret;
  }
  return most;
}

// The cheapest of those within kTie of the least largest regret; absent where a resample left nothing to compare.
std::optional<std::size_t> choose(const std::vector<Candidate>& candidates, const Regrets& regrets) {
  std::optional<double> least;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (const auto most = largest(regrets[i]);
        candidates[i].excluded.empty() && most && (!least || *most < *least))
      least = most;
  if (!least) return std::nullopt;
  std::optional<std::size_t> chosen;
  const auto cost = [&](std::size_t i) {
    const Cell& cell = candidates[i].cell;
    return std::tuple(buffer_bytes(cell), decode_threads(cell), cell.depth);
  };
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (const auto most = largest(regrets[i]); candidates[i].excluded.empty() && most &&
                                               *most <= *least + kTie && (!chosen || cost(i) < cost(*chosen)))
      chosen = i;
  return chosen;
}

// Whole blocks of each result are drawn by themselves: blocks of different results have nothing in common.
std::optional<double> same_choice_share(const std::vector<Candidate>& candidates,
                                        std::span<const Measured> results, std::size_t chosen,
                                        std::uint64_t seed) {
  for (const Measured& result : results)
    if (result.blocks < 2) return std::nullopt;
  Random random(seed);
  int same = 0;
  std::vector<Blocks> draws;
  for (const Measured& result : results) draws.push_back(all_blocks(result.blocks));
  for (int resample = 0; resample < kConfidenceResamples; ++resample) {
    for (Blocks& blocks : draws)
      for (std::size_t& block : blocks) block = random.below(blocks.size());
    if (choose(candidates, regrets_of(candidates, draws)) == chosen) ++same;
  }
  return static_cast<double>(same) / kConfidenceResamples;
}

RegretRow row_of(const Candidate& candidate, std::vector<std::optional<double>> regrets) {
  RegretRow row;
  row.cell = candidate.cell;
  row.regrets = std::move(regrets);
  row.stand_ins.resize(row.regrets.size());
  row.excluded = candidate.excluded;
  row.regret_max = largest(row.regrets);
  for (std::size_t i = 0; i < row.regrets.size(); ++i)
    if (row.regrets[i].value_or(-1) > row.regrets[row.worst].value_or(-1)) row.worst = i;
  return row;
}

// A setting of the outside world, which need not be common to the results.
RegretRow baseline_row(const regret::Baseline& baseline, std::span<const Measured> results,
                       const std::vector<Candidate>& candidates) {
  RegretRow row;
  row.name = baseline.name;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Blocks blocks = all_blocks(results[i].blocks);
    const auto found = regret::find_baseline(baseline, results[i]);
    std::optional<double> regret;
    if (found.rates) {
      const double ratio = mean_log_ratio(*found.rates, *fastest(candidates, i, blocks), blocks);
      if (std::isfinite(ratio)) regret = std::abs(ratio) < 1e-12 ? 0 : -std::expm1(ratio);
      row.cell = found.rates->cell;
    }
    row.regrets.push_back(regret);
    row.stand_ins.push_back(found.is_exact || !regret ? std::string() : setting_words(found.rates->cell));
    if (regret.value_or(-1) > row.regrets[row.worst].value_or(-1)) row.worst = i;
  }
  row.regret_max = largest(row.regrets);
  return row;
}

Result<std::vector<Measured>> measure_all(std::span<const SweepResult> results) {
  std::vector<Measured> all;
  for (const SweepResult& result : results) {
    all.push_back(measured_in(result));
    if (all.back().cells.empty())
      return fail(ErrorKind::bad_input, "scenario {}: no trial of this result is valid",
                  result.scenario.name);
  }
  return all;
}

bool can_choose(const std::vector<Candidate>& candidates) {
  return std::any_of(candidates.begin(), candidates.end(),
                     [](const Candidate& candidate) { return candidate.excluded.empty(); });
}

}  // namespace

Result<CommonChoice> minimax_regret(std::span<const SweepResult> results) {
  if (results.empty()) return fail(ErrorKind::bad_input, "no results were given to choose among");
  DF_ASSIGN(const std::vector<Measured> all, measure_all(results));
  CommonChoice choice;
  auto candidates = common_settings(all, true);
  if (!can_choose(candidates)) {
    candidates = common_settings(all, false);
    choice.is_for_own_threads = true;
  }
  std::vector<Blocks> blocks;
  std::uint64_t seed = 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    blocks.push_back(all_blocks(all[i].blocks));
    seed = mix_seed(seed, results[i].seed);
  }
  const Regrets regrets = can_choose(candidates) ? regrets_of(candidates, blocks) : Regrets();
  const auto chosen = regrets.empty() ? std::nullopt : choose(candidates, regrets);
  if (!chosen)
    return fail(
        ErrorKind::bad_input,
        "no setting within the budgets was measured in all {} results: give results of scenarios with common "
        "axes",
        results.size());
  choice.cell = candidates[*chosen].cell;
  choice.names = result_names(results);
  choice.confidence = same_choice_share(candidates, all, *chosen, seed);
  for (std::size_t i = 0; i < candidates.size(); ++i)
    choice.rows.push_back(row_of(candidates[i], regrets[i]));
  choice.regret_max = *choice.rows[*chosen].regret_max;
  choice.worst = choice.rows[*chosen].worst;
  std::stable_sort(choice.rows.begin(), choice.rows.end(), [](const RegretRow& a, const RegretRow& b) {
    return a.regret_max.value_or(2) < b.regret_max.value_or(2);
  });
  for (const regret::Baseline& baseline : regret::kBaselines)
    choice.baselines.push_back(baseline_row(baseline, all, candidates));
  return choice;
}

std::vector<std::string> result_names(std::span<const SweepResult> results) {
  std::map<std::string, int> total, seen;
  for (const SweepResult& result : results) ++total[result.scenario.name];
  std::vector<std::string> names;
  for (const SweepResult& result : results) {
    const std::string& name = result.scenario.name;
    names.push_back(total[name] > 1 ? fmt::format("{} ({})", name, ++seen[name]) : name);
  }
  return names;
}

std::string setting_words(const Cell& cell) {
  return fmt::format("{}, depth {}{}", cell.strategy, count_or_auto(cell.depth), settings_beside_depth(cell));
}

std::string setting_line(const CommonChoice& choice) {
  std::string line = fmt::format("PBS_RESTORE_FETCH_CONCURRENCY={}", choice.cell.depth);
  if (!choice.is_for_own_threads)
    line += fmt::format(" PBS_RESTORE_MAX_THREADS={}", decode_threads(choice.cell));
  return line;
}

}  // namespace depthfinder
