// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/latency_histogram.h"
#include "mock_server/model/service_model.h"
#include "mock_server/model/shared_link.h"

namespace depthfinder::mock {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

TimePoint at(Nanoseconds since_start) { return TimePoint(std::chrono::hours(1) + since_start); }

TEST(ConstantLatencyTest, WaitsTheSameHoweverManyOverlap) {
  ConstantLatency model(5ms);
  Random random(1);
  for (const std::uint64_t in_flight : {1u, 16u, 200u})
    EXPECT_EQ(model.ready_at({4 << 20, in_flight}, at(7ms), random), at(12ms));
}

TEST(SharedLinkTest, WithoutLimitEverythingLeavesAtOnce) {
  SharedLink link(0);
  EXPECT_FALSE(link.limited());
  EXPECT_EQ(link.reserve(at(3ms), at(1ms), 1 << 30), at(3ms));
}

TEST(SharedLinkTest, SlicesFollowEachOther) {
  SharedLink link(1e6);  // one byte per microsecond
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 2000), at(3ms));
  EXPECT_EQ(link.reserve(at(3ms), at(3ms), 500), at(3500us));
}

TEST(SharedLinkTest, IdleTimeIsLost) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(100ms), at(100ms), 1000), at(101ms));
}

TEST(SharedLinkTest, LateSenderCatchesUpWithinTheBound) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(4ms), at(1ms), 1000), at(2ms));
  EXPECT_EQ(link.reserve(at(100ms), at(2ms), 1000), at(100ms) - SharedLink::kCatchUpMax + 1ms);
}

// Two senders that wake 30 to 130 microseconds late each time still get exactly the link's rate between them.
TEST(SharedLinkTest, KeepsItsRateWithLateTimers) {
  for (const double rate : {1e8, 1e9}) {
    SharedLink link(rate);
    Random random(7);
    struct Sender {
      TimePoint now = at(0ms), wanted = at(0ms);
    };
    std::vector<Sender> senders(2);
    std::uint64_t sent_bytes = 0;
    TimePoint last = at(0ms);
    for (int i = 0; i < 20000; ++i) {
      Sender& sender = senders[0].now <= senders[1].now ? senders[0] : senders[1];
      const TimePoint departure = link.reserve(sender.now, sender.wanted, link.slice_bytes());
      sender.now =
          std::max(sender.now, departure) + Nanoseconds(30'000 + static_cast<int>(random.below(100'000)));
      sender.wanted = departure;
      sent_bytes += link.slice_bytes();
      last = std::max(last, sender.now);
    }
    const double measured = static_cast<double>(sent_bytes) / to_seconds(last - at(0ms));
    EXPECT_NEAR(measured / rate, 1.0, 0.02) << rate;
  }
}

TEST(SharedLinkTest, SlicesAreHalfAMillisecondWithinBounds) {
  EXPECT_EQ(SharedLink(1e6).slice_bytes(), 16384u);
  EXPECT_EQ(SharedLink(1e8).slice_bytes(), 50000u);
  EXPECT_EQ(SharedLink(1e10).slice_bytes(), 262144u);
}

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
