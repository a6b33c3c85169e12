// SPDX-License-Identifier: MIT
#include "mock_server/model/request_limit.h"

#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

TEST(RequestLimitTest, TheBurstPassesAtOnceThenTheRateHolds) {
  RequestLimit limit({100, 3});
  const std::vector<Nanoseconds> expected = {0ms, 0ms, 0ms, 10ms, 20ms, 30ms};
  for (const Nanoseconds admitted : expected) EXPECT_EQ(limit.admit(at(0ms)), at(admitted));
}

TEST(RequestLimitTest, TokensComeBackWhileNobodyAsks) {
  RequestLimit limit({100, 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.admit(at(0ms)), at(0ms));
  // After 25 ms two and a half are back.
  EXPECT_EQ(limit.admit(at(25ms)), at(25ms));
  EXPECT_EQ(limit.admit(at(25ms)), at(25ms));
  EXPECT_EQ(limit.admit(at(25ms)), at(30ms));
  // Never more than three.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.admit(at(10s)), at(10s));
  EXPECT_EQ(limit.admit(at(10s)), at(10s + 10ms));
}

TEST(RequestLimitTest, AFractionOfATokenCounts) {
  RequestLimit limit({10, 1.5});
  EXPECT_EQ(limit.admit(at(0ms)), at(0ms));
  EXPECT_EQ(limit.admit(at(0ms)), at(50ms));
  EXPECT_EQ(limit.admit(at(0ms)), at(150ms));
}

// 3 a second have no exact period in nanoseconds, 3 a microsecond would be off by a thousandth if each were rounded.
TEST(RequestLimitTest, IsExactOverTenThousandRequests) {
  for (const double per_second : {3.0, 700.0, 3e6}) {
    RequestLimit limit({per_second, 1});
    TimePoint last{};
    for (int i = 0; i <= 10'000; ++i) last = limit.admit(at(0ns));
    EXPECT_NEAR(static_cast<double>((last - at(0ns)).count()), 10'000e9 / per_second, 1.0) << per_second;
  }
}

TEST(RequestLimitTest, WithoutARateAllPass) {
  RequestLimit limit({0, 1});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.admit(at(1ms)), at(1ms));
}

}  // namespace
}  // namespace depthfinder::mock
