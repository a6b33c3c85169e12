// SPDX-License-Identifier: MIT
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
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

// Old data is kept only where it can be this image's.
TEST_F(OpenSink, OldDataIsKeptOrRefused) {
  const auto expect = [](const std::string& target, OldData old_data, std::string_view refusal) {
    const auto sink = open_sink(target, 4096, {.old_data = old_data});
    ASSERT_EQ(sink.has_value(), refusal.empty()) << target;
    if (sink) return;
    EXPECT_EQ(sink.error().kind, ErrorKind::bad_input) << sink.error().message;
    EXPECT_NE(sink.error().message.find(refusal), std::string::npos) << sink.error().message;
  };
  std::ofstream(path("small")) << "precious";
  std::ofstream(path("large")) << std::string(4097, 'x');
  std::ofstream(path("fits")) << std::string(4096, 'x');
  std::ofstream(path("empty")).flush();
  for (const OldData old_data : {OldData::keep, OldData::require}) {
    expect("null", old_data, "nothing to go on from");
    expect("slow:latency=1ms,path=" + path("fits"), old_data, "nothing to go on from");
    expect(path("small"), old_data, "has 8 bytes, the image 4096");
    expect("uring:" + path("large"), old_data, "has 4097 bytes, the image 4096");
    expect(path("fits"), old_data, "");
  }
  expect(path("missing"), OldData::require, "is not there");
  expect(path("empty"), OldData::require, "is empty");
  EXPECT_FALSE(std::filesystem::exists(path("missing")));
  expect(path("missing"), OldData::keep, "");
  expect(path("empty"), OldData::keep, "");
  EXPECT_EQ(as_text(read_file(path("small"), 100).value()), "precious");
  EXPECT_EQ(as_text(read_file(path("fits"), 5000).value()), std::string(4096, 'x'));
}

// A file that is made anew has nothing to be read, so nobody reads it.
TEST_F(OpenSink, OnlyAFileThatHeldSomethingHoldsOldData) {
  std::ofstream(path("fits")) << std::string(4096, 'x');
  EXPECT_TRUE(open_sink(path("fits"), 4096, {.old_data = OldData::keep}).value()->holds_old_data());
  EXPECT_FALSE(open_sink(path("missing"), 4096, {.old_data = OldData::keep}).value()->holds_old_data());
  EXPECT_FALSE(open_sink(path("fits"), 4096, {.overwrite = true}).value()->holds_old_data());
}

TEST_F(OpenSink, ZerosOverOldDataBecomeHoles) {
  const std::size_t chunk_bytes = 16 * kHoleBytes;
  std::ofstream(path("file")) << std::string(chunk_bytes, 'x');
  auto sink = open_sink(path("file"), chunk_bytes, {.old_data = OldData::require});
  ASSERT_TRUE(sink);
  EXPECT_FALSE((*sink)->is_hole(0, chunk_bytes));
  ASSERT_TRUE((*sink)->write_zeros(0, chunk_bytes));
  ASSERT_TRUE((*sink)->finish());
  EXPECT_TRUE(read_file(path("file"), 1U << 30).value() == Bytes(chunk_bytes, 0));
  EXPECT_TRUE((*sink)->is_hole(0, chunk_bytes));
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

// 3000 extents are more than one system call takes; a gap begins another.
TEST_F(OpenSink, ExtentsAreWrittenWhateverTheirNumber) {
  const auto file = open_target(path("file"), O_RDWR | O_CREAT);
  ASSERT_TRUE(file) << file.error().message;
  std::string bytes(3000, ' ');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 26);
  std::vector<Extent> extents;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    extents.push_back({i < 2000 ? i : i + 10, as_bytes(bytes).subspan(i, 1), false});
  ASSERT_TRUE(file->write_extents(extents));
  EXPECT_EQ(as_text(read_file(path("file"), 1U << 20).value()),
            bytes.substr(0, 2000) + std::string(10, '\0') + bytes.substr(2000));
}

// A limit of the file's size makes the kernel write a part, and refuse the next.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit lower{bytes, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit limit_{};
  void (*before_)(int);
};

TEST_F(OpenSink, AShortWriteIsContinuedAndItsErrorIsAtItsPlace) {
  for (const std::string prefix : {"", "uring:"}) {
    std::filesystem::remove(path("file"));
    auto sink = open_sink(prefix + path("file"), 16384, {});
    ASSERT_TRUE(sink) << sink.error().message;
    const Bytes bytes(8192, 1);
    const std::array<ByteSpan, 2> pieces{ByteSpan(bytes).first(4096), ByteSpan(bytes).subspan(4096)};
    Result<void> written;
    {
      const FileSizeLimit limit(6000);
      written = (*sink)->write_run(0, pieces);
    }
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("cannot write 2192 bytes at offset 6000 of"), std::string::npos)
        << (*sink)->description() << ": " << written.error().message;
    EXPECT_NE(written.error().message.find("ulimit -f"), std::string::npos) << written.error().message;
  }
}

// What other programs do to the file while it is restored to.
TEST_F(OpenSink, AFileThatIsNotTheSameAnyMoreIsAnError) {
  struct Row {
    std::function<void(const std::string&)> change;
    std::string_view said;
  };
  const auto cut = [](const std::string& file) { std::filesystem::resize_file(file, 5000); };
  const auto grow = [](const std::string& file) { std::filesystem::resize_file(file, 50'000); };
  const auto replace = [this](const std::string& file) {
    std::ofstream(path("other")) << std::string(16384, 'y');
    std::filesystem::rename(path("other"), file);
  };
  const auto remove = [](const std::string& file) { std::filesystem::remove(file); };
  const Bytes bytes(4096, 1);
  for (const std::string prefix : {"", "uring:", "slow:latency=1us,path="})
    for (const Row& row : {Row{cut, "has 5000 bytes instead of 16384"}, Row{grow, "has 50000 bytes"},
                           Row{replace, "was replaced by another file"}, Row{remove, "was removed"}}) {
      std::filesystem::remove(path("file"));
      auto sink = open_sink(prefix + path("file"), 16384, {});
      ASSERT_TRUE(sink) << sink.error().message;
      row.change(path("file"));
      auto outcome = (*sink)->write_data(8192, bytes);
      if (outcome) outcome = (*sink)->finish();
      ASSERT_FALSE(outcome) << row.said;
      EXPECT_EQ(outcome.error().kind, ErrorKind::io);
      EXPECT_NE(outcome.error().message.find(row.said), std::string::npos) << outcome.error().message;
      EXPECT_NE(outcome.error().message.find("'" + path("file") + "'"), std::string::npos);
    }
}

TEST_F(OpenSink, AFileIsOneRestoresAtATime) {
  auto first = open_sink(path("file"), 4096, {});
  ASSERT_TRUE(first) << first.error().message;
  for (const std::string prefix : {"", "uring:"})
    for (const SinkOptions& options :
         {SinkOptions{.overwrite = true}, SinkOptions{.old_data = OldData::keep}}) {
      const auto second = open_sink(prefix + path("file"), 4096, options);
      ASSERT_FALSE(second);
      EXPECT_EQ(second.error().kind, ErrorKind::bad_input);
      EXPECT_NE(second.error().message.find("another restore"), std::string::npos) << second.error().message;
    }
  first->reset();
  EXPECT_TRUE(open_sink(path("file"), 4096, {.overwrite = true}));
}

TEST_F(OpenSink, AnOldFileStaysWhereTheNewOneCannotBe) {
  std::ofstream(path("file")) << "precious";
  const FileSizeLimit limit(1 << 20);
  const auto sink = open_sink(path("file"), 2 << 20, {.overwrite = true});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::io);
  EXPECT_NE(sink.error().message.find("ulimit -f"), std::string::npos) << sink.error().message;
  EXPECT_EQ(as_text(read_file(path("file"), 100).value()), "precious");
}

TEST(TargetHelp, FitsATerminalAndNamesEveryKind) {
  const std::string help(target_help());
  for (const char* spelling : {"null", "FILE", "DEVICE", "uring:", "nbd://", "nbd+unix://", "slow:"})
    EXPECT_NE(help.find(spelling), std::string::npos) << spelling;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace depthfinder
