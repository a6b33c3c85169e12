// SPDX-License-Identifier: MIT
// Real processes and real files: what is asserted is counts, order and ends, never how long something took.
#include "harness/bystander/bystander_process.h"

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/bystander/bystander_watch.h"
#include "harness/bystander/cpu_work.h"
#include "harness/bystander/sync_writer.h"
#include "harness/spawn.h"
#include "harness/temporary_directory.h"

namespace depthfinder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kProgram = DEPTHFINDER_PROGRAM;

class BystanderProcessTest : public ::testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }  // as the program has it

  BystanderSpec spec(const std::string& text) {
    BystanderSpec parsed = *parse_bystander(text);
    parsed.directory = directory_.path();
    return parsed;
  }
  // What runs of the command "echo >> FILE" have left.
  [[nodiscard]] std::size_t lines_of(const std::filesystem::path& path) const {
    std::ifstream file(path);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
  }

  TemporaryDirectory directory_ = *TemporaryDirectory::make();
};

std::size_t count(const std::vector<BystanderReport>& reports) {
  std::size_t samples = 0;
  for (const BystanderReport& report : reports) samples += report.samples_ms.size();
  return samples;
}

// True once the process has ended, whoever is its parent.
bool ends(pid_t pid) {
  const auto fd = process_fd(pid);
  if (!fd) return true;
  pollfd ended{fd->get(), POLLIN, 0};
  return ::poll(&ended, 1, 60'000) == 1;
}

TEST_F(BystanderProcessTest, IsFollowedLive) {
  auto process = BystanderProcess::start(spec("both"), {}, kProgram);
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_GT(process->work_units(), 0U);
  const auto first = process->take_samples_for(milliseconds(50), {});
  ASSERT_TRUE(first);
  EXPECT_GT(count(*first), 0U);
  ASSERT_TRUE(process->take_samples());
  const auto rest = process->stop();
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));  // its file is gone
}

TEST_F(BystanderProcessTest, SplitsSamplesAtTheMoment) {
  // Every run leaves a line: the samples before a mark are the runs before it.
  const auto runs = directory_.path() / "runs";
  BystanderSpec command = spec("command:echo >>'" + runs.string() + "'");
  command.period = milliseconds(1);
  auto process = BystanderProcess::start(command, {}, kProgram);
  ASSERT_TRUE(process) << process.error().message;
  std::size_t samples = 0;
  for (int i = 0; i < 3; ++i) {
    const auto reports = process->take_samples_for(milliseconds(10), {});
    ASSERT_TRUE(reports) << reports.error().message;
    samples += count(*reports);
    EXPECT_GT(samples, static_cast<std::size_t>(i));
    EXPECT_GE(lines_of(runs), samples);
  }
  const auto rest = process->stop();
  ASSERT_TRUE(rest) << rest.error().message;
  EXPECT_EQ(lines_of(runs), samples + count(*rest));
}

TEST_F(BystanderProcessTest, DoesTheAmountOfWorkThatItIsTold) {
  BystanderSpec told = spec("cpu");
  told.work_units = 7;
  auto process = BystanderProcess::start(told, {}, kProgram);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->work_units(), 7U);
}

TEST_F(BystanderProcessTest, LeavesNoCpuTimeWithItsParent) {
  rusage before{}, after{};
  ::getrusage(RUSAGE_CHILDREN, &before);
  auto process = BystanderProcess::start(spec("cpu"), {}, kProgram);
  ASSERT_TRUE(process);
  ASSERT_TRUE(process->take_samples_for(milliseconds(50), {}));
  ASSERT_TRUE(process->stop());
  ::getrusage(RUSAGE_CHILDREN, &after);
  EXPECT_EQ(after.ru_utime.tv_sec, before.ru_utime.tv_sec);
  EXPECT_EQ(after.ru_utime.tv_usec, before.ru_utime.tv_usec);
  EXPECT_EQ(after.ru_stime.tv_sec, before.ru_stime.tv_sec);
  EXPECT_EQ(after.ru_stime.tv_usec, before.ru_stime.tv_usec);
}

TEST_F(BystanderProcessTest, EndsWithItsOwner) {
  pid_t pid = -1;
  {
    auto process = BystanderProcess::start(spec("cpu"), {}, kProgram);
    ASSERT_TRUE(process);
    pid = process->pid();
  }
  EXPECT_TRUE(ends(pid));
}

TEST_F(BystanderProcessTest, EndsWhenItsParentIsKilled) {
  auto pipe = make_pipe_ends();
  ASSERT_TRUE(pipe);
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto process = BystanderProcess::start(spec("command:sleep 600"), {}, kProgram);
    const pid_t pid = process ? process->pid() : -1;
    if (::write(pipe->write.get(), &pid, sizeof pid) != sizeof pid) ::_exit(1);
    ::raise(SIGKILL);
  }
  pid_t pid = -1;
  ASSERT_EQ(::read(pipe->read.get(), &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  ASSERT_GT(pid, 0);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(ends(pid));
}

TEST_F(BystanderProcessTest, SaysHowTheCommandFailed) {
  auto process = BystanderProcess::start(spec("command:echo no such table >&2; exit 3"), {}, kProgram);
  ASSERT_TRUE(process);
  const auto samples = process->take_samples_for(seconds(60), {});
  ASSERT_FALSE(samples);
  EXPECT_EQ(samples.error().kind, ErrorKind::io);
  EXPECT_NE(samples.error().message.find("no such table"), std::string::npos) << samples.error().message;
  EXPECT_NE(samples.error().message.find("ended with status 3"), std::string::npos)
      << samples.error().message;
}

TEST_F(BystanderProcessTest, SaysWhatItCannotStartWith) {
  BystanderSpec nowhere = spec("sync-write");
  nowhere.directory /= "nowhere";
  const auto process = BystanderProcess::start(nowhere, {}, kProgram);
  ASSERT_FALSE(process);
  EXPECT_NE(process.error().message.find("nowhere"), std::string::npos) << process.error().message;
  EXPECT_FALSE(BystanderProcess::start(spec("cpu"), {}, "/nonexistent/program"));
}

TEST_F(BystanderProcessTest, StopsOnRequest) {
  std::stop_source stop;
  stop.request_stop();
  const auto process = BystanderProcess::start(spec("cpu"), stop.get_token(), kProgram);
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().kind, ErrorKind::cancelled);
}

TEST_F(BystanderProcessTest, HidesSecretsFromTheCommand) {
  ::setenv("PBS_PASSWORD", "secret", 1);
  ::setenv("OPENSSL_ia32cap", ":~0x20000000", 1);
  auto process = BystanderProcess::start(
      spec("command:test -z \"$PBS_PASSWORD$OPENSSL_ia32cap\" && test -n \"$PATH\""), {}, kProgram);
  ::unsetenv("PBS_PASSWORD");
  ::unsetenv("OPENSSL_ia32cap");
  ASSERT_TRUE(process);
  EXPECT_TRUE(process->take_samples_for(milliseconds(10), {}));
}

using BystanderWatchTest = BystanderProcessTest;

TEST_F(BystanderWatchTest, ComparesAloneWithBeside) {
  BystanderSpec quick = spec("cpu");
  quick.period = milliseconds(1);
  quick.work_units = 1;
  auto watch = BystanderWatch::start(quick, milliseconds(20), {}, kProgram);
  ASSERT_TRUE(watch) << watch.error().message;
  EXPECT_GT(watch->alone().samples, 0U);
  EXPECT_FALSE(watch->live_ratio(BystanderPercentile::p99));  // nothing beside yet
  ASSERT_TRUE(watch->begin({}));
  std::optional<double> ratio;
  while (!ratio) ratio = watch->live_ratio(BystanderPercentile::p99);  // there after 100 samples
  EXPECT_GT(*ratio, 0.0);
  const auto comparison = watch->finish();
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_EQ(comparison->kind, "cpu");
  EXPECT_EQ(comparison->alone.samples, watch->alone().samples);
  EXPECT_GE(comparison->beside.samples, 100U);
  EXPECT_GT(comparison->ratio_p50, 0.0);
}

TEST_F(BystanderWatchTest, KeepsAFailureForTheEnd) {
  const auto flag = directory_.path() / "fail";
  auto watch =
      BystanderWatch::start(spec("command:test ! -e '" + flag.string() + "'"), milliseconds(1), {}, kProgram);
  ASSERT_TRUE(watch) << watch.error().message;
  ASSERT_TRUE(watch->begin({}));
  std::ofstream(flag).put('x');
  EXPECT_TRUE(ends(watch->process_id()));
  EXPECT_FALSE(watch->live_ratio(BystanderPercentile::p50));
  const auto comparison = watch->finish();
  ASSERT_FALSE(comparison);
  EXPECT_NE(comparison.error().message.find("status 1"), std::string::npos) << comparison.error().message;
}

TEST_F(BystanderWatchTest, MeasuresAlone) {
  const auto stats = measure_alone(spec("sync-write"), milliseconds(20), {}, kProgram);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_GT(stats->samples, 0U);
}

TEST(SyncWriter, WritesRoundAndRoundInAFileOfItsOwn) {
  const auto directory = TemporaryDirectory::make();
  ASSERT_TRUE(directory);
  {
    auto writer = SyncWriter::create(directory->path());
    ASSERT_TRUE(writer) << writer.error().message;
    EXPECT_EQ(std::filesystem::file_size(writer->path()), 1U << 20);
    const auto before = read_file(writer->path(), 1 << 20);
    ASSERT_TRUE(writer->write());
    const auto after = read_file(writer->path(), 1 << 20);
    ASSERT_TRUE(before && after);
    EXPECT_EQ(after->size(), before->size());
    EXPECT_NE(*after, *before);
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory->path()));
}

TEST(CpuWork, IsCalibratedByTheClockThatItIsGiven) {
  const FakeClock still;  // no time passes: as much as is permitted, and no division by zero
  EXPECT_EQ(calibrated_units(std::chrono::minutes(1), still), kBystanderWorkUnitsMax);
  const SteadyClock clock;
  EXPECT_GE(calibrated_units(milliseconds(1), clock), 1U);
}

}  // namespace
}  // namespace depthfinder
