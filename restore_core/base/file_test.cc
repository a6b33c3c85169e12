// SPDX-License-Identifier: MIT
#include "restore_core/base/file.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace depthfinder {
namespace {

TEST(File, WritesWholeAndReadsWithABound) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "df_file_test";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("hello")));
  EXPECT_EQ(as_text(read_file(path, 5).value()), "hello");
  EXPECT_EQ(read_file(path, 4).error().kind, ErrorKind::bad_input);
  std::filesystem::remove(path);
  EXPECT_EQ(read_file(path, 5).error().kind, ErrorKind::not_found);
}

// As a link or a file of somebody else in a directory that all may write to: the secret must not go there.
TEST(File, WritesThroughNoLinkAndIntoNoFileThatIsThere) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "df_file_link_test";
  const std::filesystem::path elsewhere = path.string() + ".elsewhere";
  const std::filesystem::path temporary = path.string() + ".tmp." + std::to_string(::getpid());
  std::ofstream(elsewhere) << "precious";
  std::filesystem::remove(temporary);
  std::filesystem::create_symlink(elsewhere, temporary);
  ASSERT_TRUE(write_file_atomically(path, as_bytes("secret"), 0600));
  EXPECT_EQ(as_text(read_file(elsewhere, 100).value()), "precious");
  EXPECT_EQ(as_text(read_file(path, 100).value()), "secret");
  EXPECT_FALSE(std::filesystem::is_symlink(path));

  std::ofstream(temporary) << "open to others";
  std::filesystem::permissions(temporary, std::filesystem::perms(0666));
  ASSERT_TRUE(write_file_atomically(path, as_bytes("secret"), 0600));
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  std::filesystem::remove(path);
  std::filesystem::remove(elsewhere);
}

TEST(File, SaysWhereItCannotWrite) {
  const auto result = write_file_atomically("/nonexistent-directory/x", as_bytes("hello"));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("/nonexistent-directory/x"), std::string::npos);
}

TEST(File, LeavesNothingBesideItAndTheOldBytesAfterAnError) {
  const std::filesystem::path directory =
      std::filesystem::path(testing::TempDir()) / "df_file_test_directory";
  ASSERT_TRUE(std::filesystem::create_directories(directory / "taken"));
  EXPECT_FALSE(write_file_atomically(directory / "taken", as_bytes("hello")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace depthfinder
