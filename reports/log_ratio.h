// SPDX-License-Identifier: MIT
// How two cells compare block by block: the log ratio of a figure over the blocks that both have, and how far its mean may
// be off. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace depthfinder {

struct LogRatio {
  std::size_t blocks = 0;   // that have both figures
  double mean = 0, sd = 0;  // 0 where no block has, and where one alone has
};

// Of logs, a figure per block, NaN where there is none; as long as each other. `blocks` may repeat some and leave others
// out.
LogRatio log_ratio(std::span<const double> log_a, std::span<const double> log_b);
LogRatio log_ratio(std::span<const double> log_a, std::span<const double> log_b,
                   std::span<const std::size_t> blocks);

// What the mean may be off at most, with 95 % on each side: t s / sqrt(n). Few blocks are often close together by chance, so
// s is at least `pooled_sd`. Infinite for fewer than two blocks.
double margin(const LogRatio& ratio, double pooled_sd);

// The standard deviation of many ratios, each about its own mean. Ratios of fewer than two blocks add nothing.
class PooledSpread {
 public:
  void add(const LogRatio& ratio);
  [[nodiscard]] double sd() const;  // 0 where there is nothing

 private:
  double squares_ = 0, freedom_ = 0;
};

}  // namespace depthfinder
