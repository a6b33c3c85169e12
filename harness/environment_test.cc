// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

class Environment : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("DF_COUNT"); }
};

TEST_F(Environment, FlagComesBeforeVariable) {
  ::setenv("DF_COUNT", "8", 1);
  EXPECT_EQ(count_setting("--depth", "", "DF_COUNT", 1024).value(), 8);
  EXPECT_EQ(count_setting("--depth", "4", "DF_COUNT", 1024).value(), 4);
  ::unsetenv("DF_COUNT");
  EXPECT_EQ(count_setting("--depth", "", "DF_COUNT", 1024).value(), std::nullopt);
}

TEST_F(Environment, RefusesCountsThatUpstreamWouldHangOrPanicOn) {
  for (const char* value : {"", "0", "-1", "four", "16 ", "1e3", "1025", "0x10"}) {
    ::setenv("DF_COUNT", value, 1);
    const auto count = count_setting("--depth", "", "DF_COUNT", 1024);
    ASSERT_FALSE(count) << value;
    EXPECT_NE(count.error().message.find("DF_COUNT"), std::string::npos);
  }
}

}  // namespace
}  // namespace depthfinder
