// SPDX-License-Identifier: MIT
// The statistics of METHOD.md: medians, bootstrap intervals, Student bounds, bounds of a share, several tests at once.
// Pure functions; the seed of each resampling is an argument. Empty input is a programmer's mistake.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace depthfinder {

struct Interval {
  double low = 0;
  double high = 0;
};

double mean(std::span<const double> values);
double median(std::span<const double> values);              // of an even number: the mean of the middle two
double standard_deviation(std::span<const double> values);  // n - 1; of one value: 0

// Percentile bootstrap of the median: the 2.5 % and 97.5 % quantiles of the medians of `resamples` resamples.
Interval bootstrap_median_interval(std::span<const double> values, std::uint64_t seed,
                                   int resamples = 10'000);

// Quantile of Student's t: the value that a t variable with `degrees_of_freedom` stays below with
// `probability`.
double student_t_quantile(double probability, int degrees_of_freedom);

// One-sided lower bound of the mean: mean - t * s / sqrt(n). Minus infinity for one value.
double mean_lower_bound(std::span<const double> values, double confidence = 0.95);

// Likewise from above: mean + t * s / sqrt(n). Infinity for one value.
double mean_upper_bound(std::span<const double> values, double confidence = 0.95);

// Clopper and Pearson (1934): both bounds of the probability of what happened `hits` times in `trials`, each of which
// is wrong with a probability of at most (1 - confidence) / 2. `trials` > 0.
Interval clopper_pearson(int hits, int trials, double confidence = 0.95);

// Holm (1979): p-values adjusted for being looked at together, in the order given. Those at most alpha are rejected with
// a probability of at most alpha that any of them is rejected wrongly.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace depthfinder
