// SPDX-License-Identifier: MIT
#include "reports/log_ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reports/statistics.h"

namespace depthfinder {
namespace {

constexpr double kMarginConfidence = 0.95;

}  // namespace

LogRatio log_ratio(std::span<const double> log_a, std::span<const double> log_b) {
  std::vector<std::size_t> all(log_a.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return log_ratio(log_a, log_b, all);
}

LogRatio log_ratio(std::span<const double> log_a, std::span<const double> log_b,
                   std::span<const std::size_t> blocks) {
  std::vector<double> ratios;
  ratios.reserve(blocks.size());
  for (const std::size_t block : blocks)
    if (const double ratio = log_a[block] - log_b[block]; std::isfinite(ratio)) ratios.push_back(ratio);
  if (ratios.empty()) return {};
  return {ratios.size(), mean(ratios), ratios.size() < 2 ? 0 : standard_deviation(ratios)};
}

double margin(const LogRatio& ratio, double pooled_sd) {
  if (ratio.blocks < 2) return std::numeric_limits<double>::infinity();
  const double t = student_t_quantile(kMarginConfidence, static_cast<int>(ratio.blocks) - 1);
  return t * std::max(ratio.sd, pooled_sd) / std::sqrt(static_cast<double>(ratio.blocks));
}

void PooledSpread::add(const LogRatio& ratio) {
  if (ratio.blocks < 2) return;
  const double freedom = static_cast<double>(ratio.blocks - 1);
  squares_ += freedom * ratio.sd * ratio.sd;
  freedom_ += freedom;
}

double PooledSpread::sd() const { return freedom_ > 0 ? std::sqrt(squares_ / freedom_) : 0; }

}  // namespace depthfinder
