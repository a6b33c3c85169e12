// SPDX-License-Identifier: MIT
// Against published tables and the worked examples of R's help pages.
#include "reports/paired.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "reports/statistics.h"

namespace depthfinder {
namespace {

std::vector<double> differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> d;
  for (std::size_t i = 0; i < a.size(); ++i) d.push_back(a[i] - b[i]);
  return d;
}

// Student's sleep data as R ships them (`sleep`): the paired t test of its help page gives t = 4.0621 with 9 degrees of
// freedom, p = 0.002833 two-sided, and the interval 0.7001142 to 2.4598858 around 1.58.
TEST(MeanExcess, AgreesWithStudentsSleepData) {
  const std::vector<double> d = differences({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4},
                                            {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2});
  EXPECT_NEAR(mean_excess_p_value(d, 0), 0.002833 / 2, 1e-6);
  EXPECT_NEAR(mean_upper_bound(d, 0.975), 2.4598858, 1e-6);
  EXPECT_NEAR(mean_lower_bound(d, 0.975), 0.7001142, 1e-6);
  EXPECT_NEAR(mean_excess_p_value(d, 2.4598858), 0.975, 1e-6);
}

TEST(MeanExcess, HasAnAnswerWithoutSpread) {
  EXPECT_EQ(mean_excess_p_value(std::vector{0.5, 0.5, 0.5}, 0.2), 0);
  EXPECT_EQ(mean_excess_p_value(std::vector{0.5, 0.5, 0.5}, 0.5), 1);
  EXPECT_EQ(mean_excess_p_value(std::vector{0.5}, 0.2), 1);
  EXPECT_EQ(mean_excess_p_value({}, 0), 1);
}

// Hollander and Wolfe (1973), p. 29 f., depression scale factors, the example of R's wilcox.test: V = 40,
// p = 0.01953 one-sided; their estimate of the shift is 0.46.
const std::vector<double> kDepression =
    differences({1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30},
                {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29});

TEST(SignedRank, AgreesWithHollanderAndWolfe) {
  EXPECT_NEAR(signed_rank_p_value(kDepression, 0), 0.01953, 5e-6);
  EXPECT_NEAR(hodges_lehmann(kDepression), 0.46, 5e-3);
}

// The table of critical values in every textbook (McCornack 1965): the greatest T with P(T) at most the level.
TEST(SignedRank, AgreesWithTheTableOfCriticalValues) {
  struct Row {
    int values;
    double level;
    int critical;
  };
  constexpr Row kTable[] = {{6, 0.05, 2},   {7, 0.05, 3},   {8, 0.05, 5},   {9, 0.05, 8},    {10, 0.05, 10},
                            {12, 0.05, 17}, {15, 0.05, 30}, {20, 0.05, 60}, {6, 0.025, 0},   {7, 0.025, 2},
                            {8, 0.025, 3},  {9, 0.025, 5},  {10, 0.025, 8}, {14, 0.025, 21}, {20, 0.025, 52},
                            {8, 0.005, 0},  {9, 0.005, 1},  {10, 0.005, 3}, {15, 0.005, 15}, {20, 0.005, 37},
                            {10, 0.01, 5},  {20, 0.01, 43}};
  for (const Row& row : kTable) {
    EXPECT_LE(signed_rank_probability(row.values, row.critical), row.level) << row.values << " " << row.level;
    EXPECT_GT(signed_rank_probability(row.values, row.critical + 1), row.level)
        << row.values << " " << row.level;
  }
  EXPECT_DOUBLE_EQ(signed_rank_probability(10, 0), 1.0 / 1024);
  EXPECT_DOUBLE_EQ(signed_rank_probability(10, 55), 1);
  EXPECT_EQ(signed_rank_probability(10, -1), 0);
}

TEST(SignedRank, LeavesOutWhatEqualsTheBoundAndCorrectsForTies) {
  EXPECT_EQ(signed_rank_p_value(std::vector{0.2, 0.2}, 0.2), 1);
  EXPECT_DOUBLE_EQ(signed_rank_p_value(std::vector{0.2, 1.0, 2.0, 3.0}, 0.2), 1.0 / 8);
  // Five ones: all ranks are 3, the sum 15, expected 7.5, variance 55/4 - 120/48 = 11.25; z = 7 / sqrt(11.25) = 2.0870,
  // of which the normal table has 0.0184.
  EXPECT_NEAR(signed_rank_p_value(std::vector{1.0, 1.0, 1.0, 1.0, 1.0}, 0), 0.0184, 1e-4);
}

TEST(HodgesLehmann, IsTheMedianOfWalshAverages) {
  // By hand: 1, 1.5, 2, 5.5, 6, 10 are the averages of 1, 2 and 10.
  EXPECT_DOUBLE_EQ(hodges_lehmann(std::vector{1.0, 2.0, 10.0}), 3.75);
  EXPECT_DOUBLE_EQ(hodges_lehmann(std::vector{7.0}), 7);
}

// Hollander and Wolfe (1973), p. 69 f., permeability of the human chorioamnion, the example of R's wilcox.test:
// W = 35, p = 0.1272 one-sided.
TEST(MannWhitney, AgreesWithHollanderAndWolfe) {
  const std::vector<double> at_term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> earlier = {1.15, 0.88, 0.90, 0.74, 1.21};
  EXPECT_NEAR(mann_whitney_p_value(at_term, earlier), 0.1272, 5e-5);
  // U = 15 from the other side: P(U >= 15) = 1 - P(U >= 36) by symmetry, so the two add up to more than 1.
  EXPECT_GT(mann_whitney_p_value(earlier, at_term) + mann_whitney_p_value(at_term, earlier), 1);
}

// The table of critical values of U (two-sided 5 %): 23 for 10 against 10, 17 for 9 against 9.
TEST(MannWhitney, AgreesWithTheTableOfCriticalValues) {
  const auto shifted = [](int n, int u) {  // n against n without ties, of which a is the greater in u pairs
    std::vector<double> a, b;
    for (int i = 0; i < n; ++i) b.push_back(2 * i);
    for (int i = 0; i < n; ++i) {
      const int below = std::min(u, n);
      a.push_back(2 * below - 1 + i * 1e-3);
      u -= below;
    }
    return std::pair(a, b);
  };
  for (const auto& [n, critical] : {std::pair(10, 23), std::pair(9, 17)}) {
    const auto [a, b] = shifted(n, n * n - critical);
    EXPECT_LE(mann_whitney_p_value(a, b), 0.025) << n;
    const auto [c, d] = shifted(n, n * n - critical - 1);
    EXPECT_GT(mann_whitney_p_value(c, d), 0.025) << n;
  }
}

// R's help page of power.t.test: power 0.90 for delta = 1, sd = 1, one-sided, is reached with n = 17.84713 in each of
// two groups; 20 in each have 0.8689528 against both sides, of which the far side has less than 1e-6.
TEST(TTestPower, AgreesWithR) {
  const double n = 17.84713;
  EXPECT_NEAR(t_test_power(std::sqrt(n / 2), 2 * (n - 1), 0.05), 0.90, 1e-5);
  EXPECT_NEAR(t_test_power(std::sqrt(10.0), 38, 0.025), 0.8689528, 1e-5);
  EXPECT_NEAR(t_test_power(0, 19, 0.01), 0.01, 1e-9);
  EXPECT_EQ(t_test_power(1e6, 19, 0.01), 1);
  EXPECT_EQ(t_test_power(-1e6, 19, 0.01), 0);
}

}  // namespace
}  // namespace depthfinder
