// SPDX-License-Identifier: MIT
#include "harness/secret_setting.h"

#include <cstdlib>
#include <stop_token>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "harness/spawn.h"
#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"

namespace depthfinder {
namespace {

class SecretSetting : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"DF_SECRET", "DF_SECRET_FD", "DF_SECRET_FILE", "DF_SECRET_CMD"})
      ::unsetenv(name);
  }
};

std::string secret() {
  const auto found = secret_from_environment("DF_SECRET", {});
  return found && *found ? std::string((*found)->text()) : "(none)";
}

TEST_F(SecretSetting, ReadsTheFirstLineOfASecretFromAnySource) {
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

TEST_F(SecretSetting, TakesASecretOutOfTheEnvironment) {
  ::setenv("DF_SECRET", "marker-of-a-secret", 1);
  const char* const place = ::getenv("DF_SECRET");
  EXPECT_EQ(secret(), "marker-of-a-secret");
  EXPECT_EQ(::getenv("DF_SECRET"), nullptr);
  EXPECT_EQ(*place, '\0') << "where it stood is cleansed";
  EXPECT_EQ(secret(), "(none)");
}

TEST_F(SecretSetting, ReadsASecretFromADescriptorAndRefusesWhatIsTooLong) {
  const std::string path = testing::TempDir() + "/df_secret_fd";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("by descriptor\n")));
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ::setenv("DF_SECRET_FD", std::to_string(fd.get()).c_str(), 1);
  EXPECT_EQ(secret(), "by descriptor");
  ::setenv("DF_SECRET_FD", "1048575", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET", {}).error().message.find("DF_SECRET_FD"), std::string::npos);
  ::unsetenv("DF_SECRET_FD");
  ASSERT_TRUE(write_file_atomically(path, as_bytes(std::string(65 << 10, 'x'))));
  ::setenv("DF_SECRET_FILE", path.c_str(), 1);
  EXPECT_NE(secret_from_environment("DF_SECRET", {}).error().message.find("too long"), std::string::npos);
}

TEST_F(SecretSetting, NamesTheVariableThatIsWrong) {
  ::setenv("DF_SECRET_FILE", "/nonexistent/secret", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET", {}).error().message.find("DF_SECRET_FILE"),
            std::string::npos);
  ::unsetenv("DF_SECRET_FILE");
  ::setenv("DF_SECRET_CMD", "exit 3", 1);
  EXPECT_NE(secret_from_environment("DF_SECRET", {}).error().message.find("DF_SECRET_CMD"),
            std::string::npos);
}

// A command that never ends, a pipe that nobody writes to: a stop ends the wait, and the command with it.
TEST_F(SecretSetting, StopsWaitingForASecretThatDoesNotCome) {
  PipeEnds pipe = make_pipe_ends().value();
  ::setenv("DF_SECRET_FD", std::to_string(pipe.read.get()).c_str(), 1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(secret_from_environment("DF_SECRET", stop.get_token()).error().kind, ErrorKind::cancelled);
  ::unsetenv("DF_SECRET_FD");
  ::setenv("DF_SECRET_CMD", "exec sleep 3600", 1);
  EXPECT_EQ(secret_from_environment("DF_SECRET", stop.get_token()).error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace depthfinder
