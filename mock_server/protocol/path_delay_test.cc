// SPDX-License-Identifier: MIT
#include "mock_server/protocol/path_delay.h"

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

TimePoint at(Nanoseconds since_start) { return TimePoint(1h + since_start); }

TEST(PathDelay, IsNothingBeforeTheFirstRoundTrip) {
  PathDelay delay;
  EXPECT_EQ(delay.estimate(), 0ns);
  EXPECT_TRUE(delay.due(at(0s)));
  delay.answered(at(0s));  // nobody asked
  EXPECT_EQ(delay.estimate(), 0ns);
}

TEST(PathDelay, HasOnePingUnderWayAndWaitsBetweenThem) {
  PathDelay delay;
  delay.sent(at(0ms));
  EXPECT_FALSE(delay.due(at(100ms)));
  EXPECT_EQ(delay.next(), TimePoint::max());
  delay.answered(at(1ms));
  EXPECT_FALSE(delay.due(at(19ms)));
  EXPECT_EQ(delay.next(), at(20ms));
  EXPECT_TRUE(delay.due(at(20ms)));
  EXPECT_EQ(delay.estimate(), 1ms);
}

TEST(PathDelay, HasLateTimersInIt) {
  PathDelay delay;
  delay.sent(at(0ms));
  delay.answered(at(4ms));
  for (const Nanoseconds late : {1ms, 100ms, 2ms}) delay.was_late(late);
  EXPECT_EQ(delay.estimate(), 6ms);
}

TEST(PathDelay, IsTheMedianOfTheLatestNine) {
  PathDelay delay;
  const Nanoseconds round_trips[] = {90ms, 90ms, 90ms, 90ms, 90ms, 1ms, 2ms,
                                     3ms,  4ms,  5ms,  6ms,  7ms,  8ms, 9ms};
  Nanoseconds now = 0ms;
  for (const Nanoseconds round_trip : round_trips) {
    delay.sent(at(now));
    delay.answered(at(now + round_trip));
    now += 1s;
  }
  EXPECT_EQ(delay.estimate(), 5ms);  // of 1 to 9 ms
}

}  // namespace
}  // namespace depthfinder::mock
