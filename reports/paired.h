// SPDX-License-Identifier: MIT
// Paired differences d of two sides measured one right after the other: Student's test of their mean, its power, and the
// check of that test by ranks (METHOD.md). Pure functions of the numbers; any thread. They judge nothing: gate_rule.h
// does.
#pragma once

#include <span>

namespace depthfinder {

// One-sided p-value of "the mean of d is at most `bound`", by Student's t. Without spread it is 0 or 1, by the mean
// alone; of fewer than two values 1.
double mean_excess_p_value(std::span<const double> d, double bound);

// Wilcoxon's (1945) signed-rank test of "d lies around `bound` or below", one-sided. Exact without ties (values equal
// to the bound are left out, as Wilcoxon did) up to 50 values; else the normal approximation with the correction for
// ties and for continuity. 1 where nothing is left.
double signed_rank_p_value(std::span<const double> d, double bound);

// P(W <= `statistic`) of the signed-rank statistic of `values` values without ties.
double signed_rank_probability(int values, int statistic);

// Hodges and Lehmann (1963): the median of the means of all pairs of values, each with itself too.
double hodges_lehmann(std::span<const double> d);

// One-sided p-value of Mann and Whitney's (1947) test of "a is no greater than b", of independent samples: exact without
// ties up to 50 values a side, else the normal approximation as above. Neither may be empty.
double mann_whitney_p_value(std::span<const double> a, std::span<const double> b);

// The probability that a one-sided t test at `level` rejects, when the mean lies `effect` above the bound, in standard
// errors of it.
double t_test_power(double effect, double degrees_of_freedom, double level);

}  // namespace depthfinder
