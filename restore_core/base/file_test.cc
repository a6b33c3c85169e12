// SPDX-License-Identifier: MIT
#include "restore_core/base/file.h"

#include <gtest/gtest.h>

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
