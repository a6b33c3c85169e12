// SPDX-License-Identifier: MIT
#include "mock_server/model/latency_histogram.h"

#include <chrono>

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

TEST(LatencyHistogramTest, EmptyIsZero) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.mean(), 0ns);
  EXPECT_EQ(histogram.quantile(0.5), 0ns);
}

TEST(LatencyHistogramTest, QuantilesAreWithinOnePercent) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.add(milliseconds(i));
  EXPECT_EQ(histogram.count(), 1000u);
  EXPECT_EQ(histogram.mean(), 500'500us);
  EXPECT_EQ(histogram.max(), 1000ms);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0})
    EXPECT_NEAR(to_seconds(histogram.quantile(share)) / share, 1.0, 0.01) << share;
}

TEST(LatencyHistogramTest, ExtremesStayInside) {
  LatencyHistogram histogram;
  histogram.add(-5ns);
  histogram.add(std::chrono::hours(100));
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_LE(histogram.quantile(0.5), 101ns);
  EXPECT_EQ(histogram.max(), std::chrono::hours(100));
}

}  // namespace
}  // namespace depthfinder::mock
