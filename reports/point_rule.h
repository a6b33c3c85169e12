// SPDX-License-Identifier: MIT
// The point rule (METHOD.md): the cheapest cell whose mean log throughput is within 5 % of the best cell's.
// Pure and seeded; knows nothing of results, hosts or words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scenarios/scenario.h"

namespace depthfinder {

inline constexpr double kToleratedLoss = 0.05;
// CPU time that is not shown to differ by more is called equal, so that noise does not outvote threads and depth.
inline constexpr double kCpuNoise = 0.05;
inline constexpr double kBystanderNoise = 0.10;  // likewise; tails are less certain than sums
inline constexpr int kConfidenceResamples = 2'000;
inline constexpr double kConfidenceWanted = 0.80;

// A cell as the rule sees it: one figure per block, NaN where the block has no valid trial.
struct RuleCell {
  Cell cell;
  std::vector<double> log_throughput;
  std::vector<double> log_cpu;              // of CPU seconds per GiB
  std::vector<double> bystander_ratio_p99;  // NaN too where no bystander was measured
  bool dropped = false;  // by the race: measured against the best, but neither best nor pick
};

struct RuleChoice {
  std::size_t pick = 0;
  std::size_t best = 0;
  std::vector<double> share_of_best;  // exp(mean e), per cell; 0 where a cell shares no block with the best
  std::optional<std::size_t>
      certified;  // cheapest whose one-sided 95 % lower bound is within 5 %; needs two blocks
  std::optional<double> confidence;  // needs two blocks
  double cpu_log_sd = 0;             // of log ratios of CPU time to the best cell's, pooled over the cells
};

// `cells` must not be empty nor all dropped, and all must have the same number of blocks, each with at least one
// figure.
// The cheapest: least buffer memory; of those, all that do not take more CPU time than the one with the least; of those,
// fewest decode threads; of those, where all have one, a bystander's p99 within kBystanderNoise of the least; then least
// depth, first in order.
RuleChoice point_rule(std::span<const RuleCell> cells, std::uint64_t seed);

// Block by block, `cell` takes more CPU time than `reference` by over kCpuNoise: by the lower bound of its mean log ratio
// (log_ratio.h, with the spread that all cells have as the least), or by the ratio itself where one block alone has both.
bool takes_more_cpu(const RuleCell& cell, const RuleCell& reference, double cpu_log_sd);

}  // namespace depthfinder
