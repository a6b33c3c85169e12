// SPDX-License-Identifier: MIT
#include "reports/point_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reports/log_ratio.h"
#include "reports/statistics.h"
#include "restore_core/base/check.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

using Blocks = std::vector<std::size_t>;  // with repetitions, when resampled

Blocks all_blocks(std::span<const RuleCell> cells) {
  Blocks blocks(cells.front().log_throughput.size());
  std::iota(blocks.begin(), blocks.end(), std::size_t{0});
  return blocks;
}

// The mean of e_b, the log ratio of `cell` to `reference` in every block that has both, without a list of them: resampling
// asks for it a million times.
std::optional<double> mean_log_ratio(const RuleCell& cell, const RuleCell& reference, const Blocks& blocks) {
  double sum = 0;
  std::size_t count = 0;
  for (const std::size_t block : blocks) {
    const double ratio = cell.log_throughput[block] - reference.log_throughput[block];
    if (!std::isfinite(ratio)) continue;
    sum += ratio;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

// Compared pair by pair over common blocks: a cell that missed a slow block gains nothing by it.
std::size_t best_cell(std::span<const RuleCell> cells, const Blocks& blocks) {
  std::size_t best = 0;
  while (best < cells.size() && cells[best].dropped) ++best;
  DF_CHECK(best < cells.size());
  for (std::size_t i = best + 1; i < cells.size(); ++i) {
    if (cells[i].dropped) continue;
    const auto ratio = mean_log_ratio(cells[i], cells[best], blocks);
    if (ratio && *ratio > 0) best = i;
  }
  return best;
}

// Indices of the cells for which `figure` of their log ratios to the best, where they have one, is within the tolerated
// loss.
template <typename Figure>
std::vector<std::size_t> within_tolerance(std::span<const RuleCell> cells, std::size_t best,
                                          const Blocks& blocks, Figure figure) {
  std::vector<std::size_t> within;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].dropped) continue;
    const std::optional<double> ratio = figure(cells[i], cells[best], blocks);
    if (ratio && *ratio >= std::log1p(-kToleratedLoss)) within.push_back(i);
  }
  return within;
}

// Nothing where none of the blocks has the figure.
std::optional<double> median_of(const std::vector<double>& by_block, const Blocks& blocks) {
  std::vector<double> figures;
  for (const std::size_t block : blocks)
    if (block < by_block.size() && std::isfinite(by_block[block])) figures.push_back(by_block[block]);
  if (figures.empty()) return std::nullopt;
  return median(figures);
}

// Keeps the candidates whose cost is at most (1 + slack) times the least.
template <typename Cost>
void keep_least(std::vector<std::size_t>& candidates, double slack, Cost cost) {
  std::vector<double> costs;
  costs.reserve(candidates.size());
  for (const std::size_t i : candidates) costs.push_back(static_cast<double>(cost(i)));
  const double limit = *std::min_element(costs.begin(), costs.end()) * (1 + slack);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (costs[i] <= limit) candidates[kept++] = candidates[i];
  candidates.resize(kept);
}

bool takes_more_cpu_over(const RuleCell& cell, const RuleCell& reference, const Blocks& blocks,
                         double cpu_log_sd) {
  const LogRatio ratio = log_ratio(cell.log_cpu, reference.log_cpu, blocks);
  const double shown = ratio.blocks == 1 ? ratio.mean : ratio.mean - margin(ratio, cpu_log_sd);
  return shown > std::log1p(kCpuNoise);
}

// All that do not take more than the candidate with the least median.
void keep_least_cpu(std::span<const RuleCell> cells, std::vector<std::size_t>& candidates,
                    const Blocks& blocks, double cpu_log_sd) {
  const auto cost = [&](std::size_t i) {
    return median_of(cells[i].log_cpu, blocks).value_or(std::numeric_limits<double>::infinity());
  };
  const std::size_t least = *std::min_element(
      candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
  std::erase_if(candidates, [&](std::size_t i) {
    return takes_more_cpu_over(cells[i], cells[least], blocks, cpu_log_sd);
  });
}

double pooled_cpu_spread(std::span<const RuleCell> cells, const RuleCell& reference) {
  PooledSpread spread;
  for (const RuleCell& cell : cells)
    if (&cell != &reference) spread.add(log_ratio(cell.log_cpu, reference.log_cpu));
  return spread.sd();
}

// Of `candidates`, by the order of costs.
std::size_t cheapest(std::span<const RuleCell> cells, std::vector<std::size_t> candidates,
                     const Blocks& blocks, double cpu_log_sd) {
  DF_CHECK(!candidates.empty());
  keep_least(candidates, 0, [&](std::size_t i) { return buffer_bytes(cells[i].cell); });
  keep_least_cpu(cells, candidates, blocks, cpu_log_sd);
  keep_least(candidates, 0, [&](std::size_t i) { return decode_threads(cells[i].cell); });
  const auto bystander = [&](std::size_t i) { return median_of(cells[i].bystander_ratio_p99, blocks); };
  if (std::all_of(candidates.begin(), candidates.end(),
                  [&](std::size_t i) { return bystander(i).has_value(); }))
    keep_least(candidates, kBystanderNoise, [&](std::size_t i) { return *bystander(i); });
  keep_least(candidates, 0, [&](std::size_t i) { return cells[i].cell.depth; });
  return candidates.front();
}

std::size_t pick_over(std::span<const RuleCell> cells, std::size_t best, const Blocks& blocks,
                      double cpu_log_sd) {
  return cheapest(cells, within_tolerance(cells, best, blocks, mean_log_ratio), blocks, cpu_log_sd);
}

// Whole blocks are drawn, so that what a block did to all cells stays together.
double same_pick_share(std::span<const RuleCell> cells, std::size_t pick, double cpu_log_sd,
                       std::uint64_t seed) {
  Random random(seed);
  Blocks blocks = all_blocks(cells);
  const std::size_t count = blocks.size();
  int same = 0;
  for (int resample = 0; resample < kConfidenceResamples; ++resample) {
    for (std::size_t& block : blocks) block = random.below(count);
    const std::size_t best = best_cell(cells, blocks);
    const bool drawn = mean_log_ratio(cells[best], cells[best], blocks).has_value();
    if (drawn && pick_over(cells, best, blocks, cpu_log_sd) == pick) ++same;
  }
  return static_cast<double>(same) / kConfidenceResamples;
}

}  // namespace

bool takes_more_cpu(const RuleCell& cell, const RuleCell& reference, double cpu_log_sd) {
  return takes_more_cpu_over(cell, reference, all_blocks({&cell, 1}), cpu_log_sd);
}

RuleChoice point_rule(std::span<const RuleCell> cells, std::uint64_t seed) {
  DF_CHECK(!cells.empty());
  const Blocks blocks = all_blocks(cells);
  RuleChoice choice;
  choice.best = best_cell(cells, blocks);
  choice.cpu_log_sd = pooled_cpu_spread(cells, cells[choice.best]);
  choice.pick = pick_over(cells, choice.best, blocks, choice.cpu_log_sd);
  for (const RuleCell& cell : cells) {
    const auto ratio = mean_log_ratio(cell, cells[choice.best], blocks);
    choice.share_of_best.push_back(ratio ? std::exp(*ratio) : 0);
  }
  if (blocks.size() < 2) return choice;
  choice.confidence = same_pick_share(cells, choice.pick, choice.cpu_log_sd, seed);
  const auto bound = [](const RuleCell& cell, const RuleCell& best, const Blocks& all) {
    const LogRatio ratio = log_ratio(cell.log_throughput, best.log_throughput, all);
    return ratio.blocks == 0 ? std::nullopt : std::optional(ratio.mean - margin(ratio, 0));
  };
  auto proven = within_tolerance(cells, choice.best, blocks, bound);
  if (!proven.empty()) choice.certified = cheapest(cells, std::move(proven), blocks, choice.cpu_log_sd);
  return choice;
}

}  // namespace depthfinder
