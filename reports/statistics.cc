// SPDX-License-Identifier: MIT
#include "reports/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "restore_core/base/check.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

// Reorders `values`.
double median_in_place(std::span<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// Hyndman and Fan's type 7, of sorted values.
double quantile_of_sorted(std::span<const double> sorted, double probability) {
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

}  // namespace

double mean(std::span<const double> values) {
  DF_CHECK(!values.empty());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::span<const double> values) {
  DF_CHECK(!values.empty());
  std::vector<double> copy(values.begin(), values.end());
  return median_in_place(copy);
}

double standard_deviation(std::span<const double> values) {
  const double center = mean(values);
  if (values.size() == 1) return 0;
  double squares = 0;
  for (const double value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

Interval bootstrap_median_interval(std::span<const double> values, std::uint64_t seed, int resamples) {
  DF_CHECK(!values.empty() && resamples > 0);
  Random random(seed);
  std::vector<double> medians(static_cast<std::size_t>(resamples));
  std::vector<double> sample(values.size());
  for (double& resampled : medians) {
    for (double& value : sample) value = values[random.below(values.size())];
    resampled = median_in_place(sample);
  }
  std::sort(medians.begin(), medians.end());
  return {quantile_of_sorted(medians, 0.025), quantile_of_sorted(medians, 0.975)};
}

double student_t_quantile(double probability, int degrees_of_freedom) {
  DF_CHECK(probability > 0 && probability < 1 && degrees_of_freedom > 0);
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), probability);
}

double mean_lower_bound(std::span<const double> values, double confidence) {
  if (values.size() < 2) return -std::numeric_limits<double>::infinity();
  const double n = static_cast<double>(values.size());
  const double t = student_t_quantile(confidence, static_cast<int>(values.size()) - 1);
  return mean(values) - t * standard_deviation(values) / std::sqrt(n);
}

double mean_upper_bound(std::span<const double> values, double confidence) {
  if (values.size() < 2) return std::numeric_limits<double>::infinity();
  return 2 * mean(values) - mean_lower_bound(values, confidence);
}

Interval clopper_pearson(int hits, int trials, double confidence) {
  DF_CHECK(trials > 0 && hits >= 0 && hits <= trials && confidence > 0 && confidence < 1);
  using Binomial = boost::math::binomial;
  const double tail = (1 - confidence) / 2;
  return {Binomial::find_lower_bound_on_p(trials, hits, tail),
          hits == trials ? 1.0 : Binomial::find_upper_bound_on_p(trials, hits, tail)};
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;  // an adjusted value is never below that of a smaller one
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double left = static_cast<double>(order.size() - rank);
    least = std::max(least, std::min(1.0, left * p_values[order[rank]]));
    adjusted[order[rank]] = least;
  }
  return adjusted;
}

}  // namespace depthfinder
