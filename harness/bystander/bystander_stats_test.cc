// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_stats.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/bystander/sample_window.h"

namespace depthfinder {
namespace {

// 1, 2, ... n, the largest first: statistics are not of the order.
std::vector<double> counting(std::size_t n) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), 1.0);
  std::reverse(values.begin(), values.end());
  return values;
}

TEST(BystanderStats, AreNearestRanks) {
  const struct {
    std::size_t samples;
    double p50_ms, p99_ms;
    std::optional<double> p999_ms;
  } rows[] = {
      {1, 1, 1, std::nullopt},       {2, 1, 2, std::nullopt},     {3, 2, 3, std::nullopt},
      {99, 50, 99, std::nullopt},    {100, 50, 99, std::nullopt}, {101, 51, 100, std::nullopt},
      {999, 500, 990, std::nullopt}, {1000, 500, 990, 999},       {1001, 501, 991, 1000},
      {2000, 1000, 1980, 1998},      {10000, 5000, 9900, 9990},
  };
  for (const auto& row : rows) {
    const auto stats = bystander_stats(counting(row.samples));
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->samples, row.samples);
    EXPECT_EQ(stats->p50_ms, row.p50_ms) << row.samples;
    EXPECT_EQ(stats->p99_ms, row.p99_ms) << row.samples;
    EXPECT_EQ(stats->p999_ms, row.p999_ms) << row.samples;
    EXPECT_EQ(stats->max_ms, static_cast<double>(row.samples));
  }
  EXPECT_FALSE(bystander_stats({}));
}

TEST(BystanderStats, CompareAsRatios) {
  const BystanderStats alone{1000, 1.0, 2.0, 4.0, 5.0};
  const BystanderStats beside{1000, 1.5, 6.0, 20.0, 50.0};
  const auto comparison = compare_bystander("cpu", alone, beside);
  EXPECT_EQ(comparison.ratio_p50, 1.5);
  EXPECT_EQ(comparison.ratio_p99, 3.0);
  EXPECT_EQ(comparison.ratio_p999, 5.0);
}

TEST(BystanderStats, HaveNoRatioWhereOneSideHasTooFewSamples) {
  const BystanderStats few{200, 1.0, 2.0, std::nullopt, 5.0};
  const BystanderStats many{2000, 1.0, 2.0, 3.0, 5.0};
  EXPECT_FALSE(compare_bystander("cpu", few, many).ratio_p999);
  EXPECT_FALSE(compare_bystander("cpu", many, few).ratio_p999);
  EXPECT_TRUE(compare_bystander("cpu", many, many).ratio_p999);
}

TEST(BystanderStats, StayFiniteWhereNothingCouldBeTimed) {
  const BystanderStats nothing{100, 0.0, 0.0, std::nullopt, 0.0};
  const BystanderStats some{100, 1.0, 1.0, std::nullopt, 1.0};
  EXPECT_EQ(compare_bystander("cpu", nothing, some).ratio_p99, 10'000.0);
}

TEST(BystanderStats, GoToJsonInThisForm) {
  const BystanderStats alone{200, 1.0, 2.0, std::nullopt, 5.0};
  const BystanderStats beside{1000, 1.5, 6.0, 20.0, 50.0};
  EXPECT_EQ(bystander_json(compare_bystander("command:sync", alone, beside)).dump(),
            R"({"kind":"command:sync",)"
            R"("alone":{"samples":200,"p50_ms":1.0,"p99_ms":2.0,"p999_ms":null,"max_ms":5.0},)"
            R"("beside":{"samples":1000,"p50_ms":1.5,"p99_ms":6.0,"p999_ms":20.0,"max_ms":50.0},)"
            R"("ratio_p50":1.5,"ratio_p99":3.0,"ratio_p999":null})");
}

TEST(SampleWindow, ForgetsWhatIsOlderThanItsSpan) {
  SampleWindow window(1.0, 2);
  window.add({0.5, {1, 2}});
  window.add({1.0, {3, 4}});
  window.add({1.5, {5}});
  EXPECT_EQ(window.samples_ms(),
            (std::vector<double>{1, 2, 3, 4, 5}));  // 0.5 is just not older than a second
  window.add({1.6, {6}});
  EXPECT_EQ(window.samples_ms(), (std::vector<double>{3, 4, 5, 6}));
  EXPECT_EQ(window.size(), 4U);
}

TEST(SampleWindow, KeepsOlderOnesUntilThereAreEnough) {
  SampleWindow window(1.0, 3);
  window.add({1.0, {1}});
  window.add({10.0, {2}});
  window.add({20.0, {3}});
  EXPECT_EQ(window.samples_ms(), (std::vector<double>{1, 2, 3}));
  window.add({30.0, {4}});
  EXPECT_EQ(window.samples_ms(), (std::vector<double>{2, 3, 4}));
}

}  // namespace
}  // namespace depthfinder
