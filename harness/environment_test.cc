// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cstdlib>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"

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

std::string secret() {
  const auto found = secret_from_environment("DF_SECRET");
  return found && *found ? std::string((*found)->text()) : "(none)";
}

TEST_F(Environment, ReadsTheFirstLineOfASecretFromAnySource) {
  EXPECT_EQ(secret(), "(none)");
  ::setenv("DF_SECRET_CMD", "printf 'by command\\nsecond line\\n'", 1);
  EXPECT_EQ(secret(), "by command");
  const std::string path = testing::TempDir() + "/df_secret";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("by file\r\nmore")));
  ::setenv("DF_SECRET_FILE", path.c_str(), 1);
  EXPECT_EQ(secret(), "by file");
  ::setenv("DF_SECRET", "directly", 1);
  EXPECT_EQ(secret(), "directly");
}

TEST_F(Environment, TakesASecretOutOfTheEnvironment) {
  ::setenv("DF_SECRET", "marker-of-a-secret", 1);
  const char* const place = ::getenv("DF_SECRET");
  EXPECT_EQ(secret(), "marker-of-a-secret");
  EXPECT_EQ(::getenv("DF_SECRET"), nullptr);
  EXPECT_EQ(*place, '\0') << "where it stood is cleansed";
  EXPECT_EQ(secret(), "(none)");
}

TEST_F(Environment, ReadsASecretFromADescriptorAndRefusesWhatIsTooLong) {
  const std::string path = testing::TempDir() + "/df_secret_fd";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("by descriptor\n")));
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ::setenv("DF_SECRET_FD", std::to_string(fd.get()).c_str(), 1);
  EXPECT_EQ(secret(), "by descriptor");
  ::setenv("DF_SECRET_FD", "1048575", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET").error().message.find("DF_SECRET_FD"), std::string::npos);
  ::unsetenv("DF_SECRET_FD");
  ASSERT_TRUE(write_file_atomically(path, as_bytes(std::string(65 << 10, 'x'))));
  ::setenv("DF_SECRET_FILE", path.c_str(), 1);
  EXPECT_NE(secret_from_environment("DF_SECRET").error().message.find("too long"), std::string::npos);
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
