// SPDX-License-Identifier: MIT
#include "restore_core/client/retry_policy.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

TEST(RetryPolicy, BacksOffTwiceAsLongEachTimeUpToABound) {
  const RetryPolicy policy{5, milliseconds(100), milliseconds(1000)};
  const int expected_ms[] = {100, 200, 400, 800, 1000, 1000};
  for (int failures = 1; failures <= 6; ++failures)
    EXPECT_EQ(policy.backoff(failures), milliseconds(expected_ms[failures - 1])) << failures;
  EXPECT_EQ(policy.backoff(1'000'000'000), milliseconds(1000));
}

TEST(RetryPolicy, GivesUpAtTheLastAttempt) {
  const RetryPolicy policy{3, milliseconds(1), milliseconds(1)};
  EXPECT_FALSE(policy.gives_up(2));
  EXPECT_TRUE(policy.gives_up(3));
}

}  // namespace
}  // namespace depthfinder
