// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"DF_SECRET", "DF_SECRET_FD", "DF_SECRET_FILE", "DF_SECRET_CMD", "DF_COUNT"})
      ::unsetenv(name);
  }
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

TEST_F(Environment, ReadsTheFirstLineOfASecretFromAnySource) {
  EXPECT_EQ(secret_from_environment("DF_SECRET").value(), std::nullopt);
  ::setenv("DF_SECRET_CMD", "printf 'by command\\nsecond line\\n'", 1);
  EXPECT_EQ(secret_from_environment("DF_SECRET").value(), "by command");
  const std::string path = testing::TempDir() + "/df_secret";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("by file\r\nmore")));
  ::setenv("DF_SECRET_FILE", path.c_str(), 1);
  EXPECT_EQ(secret_from_environment("DF_SECRET").value(), "by file");
  ::setenv("DF_SECRET", "directly", 1);
  EXPECT_EQ(secret_from_environment("DF_SECRET").value(), "directly");
}

TEST_F(Environment, NamesTheVariableThatIsWrong) {
  ::setenv("DF_SECRET_FILE", "/nonexistent/secret", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET").error().message.find("DF_SECRET_FILE"), std::string::npos);
  ::unsetenv("DF_SECRET_FILE");
  ::setenv("DF_SECRET_CMD", "exit 3", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET").error().message.find("DF_SECRET_CMD"), std::string::npos);
}

}  // namespace
}  // namespace depthfinder
