// SPDX-License-Identifier: MIT
#include "reports/statistics.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Median, OfOddEvenAndSingle) {
  EXPECT_EQ(median(std::vector{3.0, 1.0, 2.0}), 2);
  EXPECT_EQ(median(std::vector{4.0, 1.0, 3.0, 2.0}), 2.5);
  EXPECT_EQ(median(std::vector{7.0}), 7);
}

// Michelson's first twenty runs as R ships them (morley, experiment 1): mean 909, standard deviation
// 104.9260.
TEST(StandardDeviation, OfMichelsonsFirstExperiment) {
  const std::vector<double> speed = {850,  740, 900, 1070, 930, 850, 950,  980,  980, 880,
                                     1000, 980, 930, 650,  760, 810, 1000, 1000, 960, 960};
  EXPECT_NEAR(mean(speed), 909, 1e-9);
  EXPECT_NEAR(standard_deviation(speed), 104.9260, 1e-4);
  EXPECT_EQ(median(speed), 940);
}

// The table of Student (1908) as printed in every textbook.
TEST(StudentTQuantile, AgreesWithThePublishedTable) {
  struct TableRow {
    double probability;
    int degrees_of_freedom;
    double quantile;
  };
  constexpr TableRow kTable[] = {{0.95, 1, 6.314},  {0.95, 3, 2.353},   {0.95, 9, 1.833},
                                 {0.95, 19, 1.729}, {0.975, 1, 12.706}, {0.975, 4, 2.776},
                                 {0.975, 9, 2.262}, {0.975, 30, 2.042}, {0.99, 9, 2.821},
                                 {0.995, 5, 4.032}, {0.95, 120, 1.658}, {0.9, 10, 1.372}};
  for (const TableRow& row : kTable)
    EXPECT_NEAR(student_t_quantile(row.probability, row.degrees_of_freedom), row.quantile, 6e-4)
        << row.probability << " " << row.degrees_of_freedom;
}

TEST(MeanLowerBound, IsTheTextbookFormula) {
  // mean 3, s = sqrt(2.5), t(0.95, 4) = 2.132: 3 - 2.132 * 1.5811 / sqrt(5) = 1.4926.
  EXPECT_NEAR(mean_lower_bound(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}), 1.4926, 1e-3);
  EXPECT_TRUE(std::isinf(mean_lower_bound(std::vector{1.0})));
}

// Five values: the exact bootstrap distribution of the median is known. P(median = x(1)) = sum over k >= 3 of
// C(5,k) 0.2^k 0.8^(5-k) = 0.05792, above 2.5 %, so the percentile interval is the whole range.
TEST(BootstrapMedianInterval, HasTheExactQuantilesOfSmallSamples) {
  const Interval five = bootstrap_median_interval(std::vector{10.0, 20.0, 30.0, 40.0, 50.0}, 1);
  EXPECT_EQ(five.low, 10);
  EXPECT_EQ(five.high, 50);
  // Nine values: P(median <= x(1)) = 0.0015, P(median <= x(2)) = 0.0304, so 2.5 % lies at x(2), 97.5 % at
  // x(8).
  const Interval nine = bootstrap_median_interval(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1);
  EXPECT_EQ(nine.low, 2);
  EXPECT_EQ(nine.high, 8);
}

TEST(BootstrapMedianInterval, DependsOnNothingButItsInput) {
  const std::vector<double> values = {5.1, 4.9, 5.3, 5.2, 4.7, 5.0};
  const Interval first = bootstrap_median_interval(values, 42);
  const Interval again = bootstrap_median_interval(values, 42);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_EQ(bootstrap_median_interval(std::vector{3.0, 3.0, 3.0}, 1).low, 3);
}

TEST(MeanUpperBound, MirrorsTheLowerOne) {
  EXPECT_NEAR(mean_upper_bound(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}), 4.5074, 1e-3);
  EXPECT_TRUE(std::isinf(mean_upper_bound(std::vector{1.0})));
}

// R's binom.test(682, 925), Mendel's peas from its help page (Conover 1971, p. 97): 0.7076683 to 0.7654066. Ten of a
// hundred: 4.90 % to 17.62 %, the usual textbook case. None of n: 1 - 0.025^(1/n), by hand.
TEST(ClopperPearson, AgreesWithPublishedIntervals) {
  struct TableRow {
    int hits, trials;
    double low, high;
  };
  constexpr TableRow kTable[] = {{682, 925, 0.7076683, 0.7654066},
                                 {10, 100, 0.0490047, 0.1762226},
                                 {0, 10, 0, 0.3084971},
                                 {10, 10, 0.6915029, 1}};
  for (const TableRow& row : kTable) {
    const Interval interval = clopper_pearson(row.hits, row.trials);
    EXPECT_NEAR(interval.low, row.low, 1e-6) << row.hits << " of " << row.trials;
    EXPECT_NEAR(interval.high, row.high, 1e-6) << row.hits << " of " << row.trials;
  }
  // The rule of three, exactly: 0 of 299 shows less than 1 % at 95 % from one side.
  EXPECT_LT(clopper_pearson(0, 299, 0.90).high, 0.01);
  EXPECT_GT(clopper_pearson(0, 297, 0.90).high, 0.01);
}

// The worked example of the encyclopaedias, alpha 5 %: 0.005 and 0.01 are rejected, 0.03 and 0.04 are not.
TEST(HolmAdjusted, AgreesWithTheWorkedExample) {
  const std::vector<double> adjusted = holm_adjusted(std::vector{0.01, 0.04, 0.03, 0.005});
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  ASSERT_EQ(adjusted.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12) << i;
  EXPECT_EQ(holm_adjusted(std::vector{0.9, 0.8}), (std::vector{1.0, 1.0}));
  EXPECT_TRUE(holm_adjusted({}).empty());
}

}  // namespace
}  // namespace depthfinder
