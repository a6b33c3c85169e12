// SPDX-License-Identifier: MIT
// The io_uring writer and its settings; that it holds what every sink promises is in sink_conformance_test.cc.
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/base/random.h"
#include "restore_core/sink/file_sink.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/uring_writer.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;
using Direct = UringSettings::Direct;

TEST(ParseUringTarget, ReadsItsKeys) {
  struct Row {
    const char* text;
    const char* path;
    Direct direct;
    int depth;
  };
  constexpr Row kRows[] = {{"uring:/a", "/a", Direct::automatic, 8},
                           {"uring:a=b,direct=on", "a=b", Direct::on, 8},
                           {"uring:/a,depth=256,direct=off", "/a", Direct::off, 256},
                           {"uring:/a,direct=auto,depth=1", "/a", Direct::automatic, 1}};
  for (const Row& row : kRows) {
    const auto settings = parse_uring_target(row.text);
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->path, row.path) << row.text;
    EXPECT_EQ(settings->direct, row.direct) << row.text;
    EXPECT_EQ(settings->depth, row.depth) << row.text;
  }
}

TEST(ParseUringTarget, RefusesWhatItCannotBe) {
  struct Row {
    const char* text;
    const char* word;
  };
  constexpr Row kRows[] = {{"uring", "no io_uring target"},
                           {"uring:", "name a file"},
                           {"uring:null", "name a file"},
                           {"uring:/a,", "KEY=VALUE"},
                           {"uring:/a,direct", "KEY=VALUE"},
                           {"uring:/a,direct=yes", "on, off or auto"},
                           {"uring:/a,direct=on,direct=on", "twice"},
                           {"uring:/a,depth=0", "depth"},
                           {"uring:/a,depth=257", "depth"},
                           {"uring:/a,dept=1", "unknown key 'dept'"}};
  for (const Row& row : kRows) {
    const auto settings = parse_uring_target(row.text);
    ASSERT_FALSE(settings) << row.text;
    EXPECT_EQ(settings.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(settings.error().message, HasSubstr(row.word)) << row.text;
  }
}

int real_setup(unsigned entries, io_uring* ring) { return ::io_uring_queue_init(entries, ring, 0); }

bool io_uring_works() {
  io_uring ring{};
  if (real_setup(1, &ring) != 0) return false;
  ::io_uring_queue_exit(&ring);
  return true;
}

class UringTest : public testing::Test {
 protected:
  void SetUp() override {
    // Beside the build, since a file system in memory may know no direct I/O.
    std::string pattern = (std::filesystem::current_path() / "uring-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return (directory_ / "target").string(); }

  Result<std::unique_ptr<Sink>> open_with(UringRing::Setup setup, int writers = 2) const {
    return FileSink::open(path(), kImageBytes, {},
                          make_uring_writer({.path = path()}, writers, std::move(setup)));
  }
  void expect_holds_an_image(Sink& sink) const {
    Bytes image(kImageBytes);
    Random random(3);
    for (auto& byte : image) byte = static_cast<std::uint8_t>(random.next());
    const auto written = sink.write_data(0, image);
    ASSERT_TRUE(written) << written.error().message;
    ASSERT_TRUE(sink.finish());
    EXPECT_TRUE(read_file(path(), 1U << 30).value() == image);
  }

  static constexpr std::uint64_t kImageBytes = (3U << 20) + 1234;
  std::filesystem::path directory_;
};

TEST_F(UringTest, WhereItIsNotPermittedTheFileIsWrittenAllTheSame) {
  for (const int error_number : {ENOSYS, EPERM, ENOMEM}) {
    std::filesystem::remove(path());
    auto sink = open_with([error_number](unsigned, io_uring*) { return -error_number; });
    ASSERT_TRUE(sink) << sink.error().message;
    EXPECT_THAT((*sink)->description(),
                HasSubstr("by pwritev through the page cache (io_uring cannot be used"));
    EXPECT_EQ((*sink)->writers_max(), kWritersMax);
    expect_holds_an_image(**sink);
  }
}

TEST_F(UringTest, AsManyWritersAsThereAreRings) {
  if (!io_uring_works()) GTEST_SKIP() << "io_uring is not permitted here";
  int made = 0;
  auto sink = open_with(
      [&made](unsigned entries, io_uring* ring) { return ++made > 3 ? -ENOMEM : real_setup(entries, ring); },
      8);
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_EQ((*sink)->writers_max(), 3);
  EXPECT_THAT((*sink)->description(), HasSubstr("by io_uring"));
  expect_holds_an_image(**sink);
}

// From here on this process cannot make a ring, as in many containers.
void forbid_io_uring() {
  constexpr std::uint32_t kNumberAt = offsetof(seccomp_data, nr);
  std::array<sock_filter, 4> rules{sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumberAt),
                                   sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
                                   sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                                   sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

// Suites of this name run first, while there is one thread.
using UringDeathTest = UringTest;

TEST_F(UringDeathTest, InAContainerThatForbidsIt) {
  const auto restore_in_a_container = [this] {
    forbid_io_uring();
    auto sink = open_sink("uring:" + path(), kImageBytes, {});
    ASSERT_TRUE(sink) << sink.error().message;
    EXPECT_THAT((*sink)->description(), HasSubstr("cannot be used here: Operation not permitted"));
    expect_holds_an_image(**sink);
  };
  EXPECT_EXIT(
      {
        restore_in_a_container();
        std::_Exit(HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(UringTest, DirectWhereTheTargetPermitsIt) {
  if (!io_uring_works()) GTEST_SKIP() << "io_uring is not permitted here";
  const int direct = ::open(directory_.c_str(), O_TMPFILE | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
  if (direct < 0) GTEST_SKIP() << "no direct I/O in " << directory_;
  ::close(direct);
  auto sink = open_sink("uring:" + path() + ",direct=on,depth=3", kImageBytes, {.writers = 2});
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_THAT((*sink)->description(), HasSubstr("io_uring, direct I/O, 3 in flight for each of 2 writers"));
  expect_holds_an_image(**sink);
  EXPECT_THAT((*sink)->description(), HasSubstr("direct I/O")) << "a request was refused";
}

TEST_F(UringTest, DirectOnIsRefusedWhereTheTargetCannot) {
  // It can be open, and not be opened for direct writing.
  const auto file = open_target("/proc/self/status", O_RDONLY);
  ASSERT_TRUE(file);
  const auto on = UringWriter::open(*file, {.path = "x", .direct = Direct::on}, 1, real_setup);
  ASSERT_FALSE(on);
  EXPECT_EQ(on.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(on.error().message, HasSubstr("direct=auto"));
  if (!io_uring_works()) return;
  const auto automatic = UringWriter::open(*file, {.path = "x"}, 1, real_setup);
  ASSERT_TRUE(automatic) << automatic.error().message;
  EXPECT_THAT((*automatic)->description(), HasSubstr("through the page cache"));
}

TEST_F(UringTest, AFailedWriteIsNamedWithItsPlace) {
  if (!io_uring_works()) GTEST_SKIP() << "io_uring is not permitted here";
  const auto full = open_target("/dev/full", O_RDWR);
  ASSERT_TRUE(full);
  const auto writer = UringWriter::open(*full, {.path = "/dev/full", .direct = Direct::off}, 1, real_setup);
  ASSERT_TRUE(writer);
  const Bytes bytes(4096, 1);
  const Extent extent{8192, bytes, false};
  const auto written = (*writer)->write(std::span(&extent, 1));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::io);
  EXPECT_THAT(written.error().message,
              HasSubstr("cannot write 4096 bytes at offset 8192 of '/dev/full': No space left on device"));
}

}  // namespace
}  // namespace depthfinder
