// SPDX-License-Identifier: MIT
#include "restore_core/client/retry_policy.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

TEST(RetryPolicy, BacksOffTwiceAsLongEachTimeUpToABound) {
  const RetryPolicy policy{5, milliseconds(0), milliseconds(100), milliseconds(1000)};
  const int expected_ms[] = {100, 200, 400, 800, 1000, 1000};
  for (int failures = 1; failures <= 6; ++failures)
    EXPECT_EQ(policy.backoff(failures), milliseconds(expected_ms[failures - 1])) << failures;
  EXPECT_EQ(policy.backoff(1'000'000'000), milliseconds(1000));
}

TEST(RetryPolicy, GivesUpAtTheLastAttempt) {
  const RetryPolicy policy{3, milliseconds(0), milliseconds(1), milliseconds(1)};
  EXPECT_FALSE(policy.gives_up(2, milliseconds(1000)));
  EXPECT_TRUE(policy.gives_up(3, milliseconds(0)));
}

TEST(RetryPolicy, GivesUpNotBeforeItsPatienceIsOver) {
  const RetryPolicy policy{3, milliseconds(500), milliseconds(1), milliseconds(1)};
  EXPECT_FALSE(policy.gives_up(3, milliseconds(499)));
  EXPECT_FALSE(policy.gives_up(100, milliseconds(499)));
  EXPECT_TRUE(policy.gives_up(3, milliseconds(500)));
  EXPECT_FALSE(policy.gives_up(2, milliseconds(500)));
}

TEST(FailureRow, CountsFromTheFirstFailureAfterASuccess) {
  using TimePoint = std::chrono::steady_clock::time_point;
  FailureRow row;
  row.add(TimePoint(milliseconds(10)));
  row.add(TimePoint(milliseconds(20)));
  EXPECT_EQ(row.count, 2);
  EXPECT_EQ(row.first, TimePoint(milliseconds(10)));
  row.end();
  row.add(TimePoint(milliseconds(30)));
  EXPECT_EQ(row.count, 1);
  EXPECT_EQ(row.first, TimePoint(milliseconds(30)));
}

}  // namespace
}  // namespace depthfinder
