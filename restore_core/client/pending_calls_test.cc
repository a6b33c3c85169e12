// SPDX-License-Identifier: MIT
#include "restore_core/client/pending_calls.h"

#include <thread>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(PendingCalls, WaitsForAll) {
  PendingCalls calls(2);
  calls.end({});
  EXPECT_FALSE(calls.all_ended());
  std::jthread other([&] { calls.end({}); });
  EXPECT_TRUE(calls.wait());
  EXPECT_TRUE(calls.all_ended());
}

TEST(PendingCalls, TheFirstErrorEndsTheWait) {
  PendingCalls calls(3);
  calls.end({});
  calls.end(fail(ErrorKind::auth, "the first"));
  EXPECT_EQ(calls.wait().error().message, "the first");
  EXPECT_FALSE(calls.all_ended());
  calls.end(fail(ErrorKind::cancelled, "the second"));
  EXPECT_EQ(calls.wait().error().message, "the first");
  EXPECT_TRUE(calls.all_ended());
}

}  // namespace
}  // namespace depthfinder
