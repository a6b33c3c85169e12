// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "reports/paired.h"
#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

constexpr std::size_t kExactMax = 50;

struct Ranks {
  std::vector<double> of;  // from 1, in the order of the values; equal values share their mean rank
  double tie_term = 0;     // the sum of t^3 - t over groups of t equal values
};

Ranks ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  Ranks ranks{std::vector<double>(values.size()), 0};
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double tied = static_cast<double>(end - first);
    for (std::size_t i = first; i < end; ++i)
      ranks.of[order[i]] = (static_cast<double>(first + end) + 1) / 2;  // the mean of first+1 .. end
    ranks.tie_term += tied * tied * tied - tied;
    first = end;
  }
  return ranks;
}

double upper_tail(double z) { return boost::math::cdf(boost::math::complement(boost::math::normal(), z)); }

// P(statistic >= observed) with the correction for continuity.
double normal_p_value(double observed, double expected, double variance) {
  if (variance <= 0) return 1;
  return upper_tail((observed - expected - 0.5) / std::sqrt(variance));
}

// How many of the 2^n sign patterns have each sum of ranks, as probabilities.
std::vector<double> signed_rank_distribution(std::size_t n) {
  std::vector<double> share(n * (n + 1) / 2 + 1, 0.0);
  share[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank)
    for (std::size_t sum = share.size(); sum-- > 0;)
      share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2;
  return share;
}

// Mann and Whitney's recursion, as probabilities: the largest value is one of the m with probability m / (m + n), and
// is then greater than all n others.
std::vector<double> mann_whitney_distribution(std::size_t m, std::size_t n) {
  std::vector<std::vector<double>> shares(n + 1, std::vector<double>{1.0});  // of 0 against 0..n
  for (std::size_t i = 1; i <= m; ++i) {
    std::vector<std::vector<double>> next(n + 1);
    next[0] = {1.0};
    for (std::size_t j = 1; j <= n; ++j) {
      next[j].assign(i * j + 1, 0.0);
      const double share_a = static_cast<double>(i) / static_cast<double>(i + j);
      for (std::size_t u = 0; u < shares[j].size(); ++u) next[j][u + j] += share_a * shares[j][u];
      for (std::size_t u = 0; u < next[j - 1].size(); ++u) next[j][u] += (1 - share_a) * next[j - 1][u];
    }
    shares = std::move(next);
  }
  return shares[n];
}

double sum_from(const std::vector<double>& shares, std::size_t from) {
  double sum = 0;
  for (std::size_t i = shares.size(); i-- > from;) sum += shares[i];
  return std::min(1.0, sum);
}

}  // namespace

double signed_rank_probability(int values, int statistic) {
  DF_CHECK(values > 0 && values <= static_cast<int>(kExactMax));
  if (statistic < 0) return 0;
  const auto n = static_cast<std::size_t>(values);
  // The distribution is symmetric: P(W <= w) = P(W >= n (n + 1) / 2 - w).
  const std::size_t most = n * (n + 1) / 2;
  return sum_from(signed_rank_distribution(n), most - std::min(most, static_cast<std::size_t>(statistic)));
}

double signed_rank_p_value(std::span<const double> d, double bound) {
  std::vector<double> sizes;
  std::vector<bool> above;
  for (const double value : d) {
    if (value == bound) continue;
    sizes.push_back(std::fabs(value - bound));
    above.push_back(value > bound);
  }
  if (sizes.empty()) return 1;
  const Ranks ranks = ranks_of(sizes);
  double sum_above = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (above[i]) sum_above += ranks.of[i];
  if (ranks.tie_term == 0 && sizes.size() <= kExactMax)
    return sum_from(signed_rank_distribution(sizes.size()), static_cast<std::size_t>(sum_above));
  const double n = static_cast<double>(sizes.size());
  return normal_p_value(sum_above, n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24 - ranks.tie_term / 48);
}

double mann_whitney_p_value(std::span<const double> a, std::span<const double> b) {
  DF_CHECK(!a.empty() && !b.empty());
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const Ranks ranks = ranks_of(all);
  const double m = static_cast<double>(a.size()), n = static_cast<double>(b.size());
  const double rank_sum =
      std::accumulate(ranks.of.begin(), ranks.of.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0);
  const double u = rank_sum - m * (m + 1) / 2;  // pairs in which a is the greater
  if (ranks.tie_term == 0 && std::max(a.size(), b.size()) <= kExactMax)
    return sum_from(mann_whitney_distribution(a.size(), b.size()), static_cast<std::size_t>(u));
  const double total = m + n;
  const double variance = m * n / 12 * (total + 1 - ranks.tie_term / (total * (total - 1)));
  return normal_p_value(u, m * n / 2, variance);
}

}  // namespace depthfinder
