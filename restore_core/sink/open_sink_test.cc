// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "restore_core/base/file.h"
#include "restore_core/sink/extents.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {
namespace {

class OpenSink : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "open-sink-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(std::string_view name) const { return (directory_ / name).string(); }

  std::filesystem::path directory_;
};

void expect_refused(const std::string& target, ErrorKind kind, std::string_view part) {
  const auto sink = open_sink(target, 4096, {});
  ASSERT_FALSE(sink) << target;
  EXPECT_EQ(sink.error().kind, kind) << sink.error().message;
  EXPECT_NE(sink.error().message.find(part), std::string::npos) << sink.error().message;
}

TEST_F(OpenSink, RefusesWhatIsNoTarget) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  std::ofstream(path("file")) << "data";
  expect_refused("", ErrorKind::bad_input, "empty");
  expect_refused(directory_.string(), ErrorKind::bad_input, "is a directory");
  expect_refused(path("fifo"), ErrorKind::bad_input, "neither a regular file nor a block device");
  expect_refused("/dev/null", ErrorKind::bad_input, "neither a regular file nor a block device");
  expect_refused(path("missing/target"), ErrorKind::not_found, "missing");
  expect_refused(path("file/target"), ErrorKind::bad_input, "is no directory");
  expect_refused("https://user:secret@localhost", ErrorKind::bad_input,
                 "no sink takes the target 'https://...'");
  expect_refused("slow:latency=soon", ErrorKind::bad_input, "slow:latency=2.2ms,rate=500MB/s");
  expect_refused("slow:latency=1ms,path=" + path("file"), ErrorKind::bad_input, "already holds 4 bytes");
}

TEST_F(OpenSink, RefusesAFileThatHoldsDataAndLeavesItAlone) {
  std::ofstream(path("file")) << "precious";
  expect_refused(path("file"), ErrorKind::bad_input, "already holds 8 bytes");
  EXPECT_EQ(as_text(read_file(path("file"), 100).value()), "precious");
}

TEST_F(OpenSink, TakesAnEmptyFile) {
  std::ofstream(path("file")).flush();
  const auto sink = open_sink(path("file"), 4096, {});
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_EQ(std::filesystem::file_size(path("file")), 4096U);
}

TEST_F(OpenSink, NewFilesAreForTheirOwnerOnly) {
  ASSERT_TRUE(open_sink(path("file"), 4096, {}));
  struct stat status {};
  ASSERT_EQ(::stat(path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(OpenSink, ZerosInsideADataChunkStayHoles) {
  const std::size_t chunk_bytes = 16 * kHoleBytes;
  auto sink = open_sink(path("file"), chunk_bytes, {});
  ASSERT_TRUE(sink);
  Bytes chunk(chunk_bytes, 0);
  chunk[5 * kHoleBytes + 17] = 1;
  ASSERT_TRUE((*sink)->write_data(0, chunk));
  ASSERT_TRUE((*sink)->finish());
  EXPECT_TRUE(read_file(path("file"), 1U << 30).value() == chunk);
  struct stat status {};
  ASSERT_EQ(::stat(path("file").c_str(), &status), 0);
  EXPECT_LE(static_cast<std::size_t>(status.st_blocks) * 512, 2 * kHoleBytes);
}

TEST(TargetFile, AFullTargetIsNamedWithOffsetAndRemedy) {
  const auto file = open_target("/dev/full", O_RDWR);
  ASSERT_TRUE(file) << file.error().message;
  const Bytes bytes(4096, 1);
  const auto written = file->write_at(8192, bytes);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::io);
  EXPECT_EQ(
      written.error().message,
      "cannot write 4096 bytes at offset 8192 of '/dev/full': No space left on device; free space there, or "
      "choose another target");
}

}  // namespace
}  // namespace depthfinder
