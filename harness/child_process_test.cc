// SPDX-License-Identifier: MIT
#include "harness/child_process.h"

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "harness/temporary_directory.h"

namespace depthfinder {
namespace {

using std::chrono::seconds;

ChildSpec shell(const std::string& script) { return {"/bin/sh", {"-c", script}, {}}; }

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Is it there, and not only because nobody has asked how it ended? `pid` as a line.
bool runs(std::string pid) {
  pid.pop_back();
  const std::string status = read_text("/proc/" + pid + "/status");
  return !status.empty() && status.find("State:\tZ") == std::string::npos;
}

TEST(ChildProcess, CollectsOutputAndStatus) {
  auto child = ChildProcess::start(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(child);
  const auto outcome = child->wait(seconds(60), {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_status, 7);
  EXPECT_EQ(outcome->output, "out\n");
  EXPECT_EQ(outcome->errors, "err\n");
}

TEST(ChildProcess, CollectsMoreThanAPipeHolds) {
  auto child = ChildProcess::start(shell("head -c 3000000 /dev/zero"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(seconds(60), {})->output.size(), 3'000'000U);
}

TEST(ChildProcess, ChangesTheEnvironment) {
  ::setenv("DF_TEST_INHERITED", "a", 1);
  ::setenv("DF_TEST_REMOVED", "b", 1);
  ChildSpec spec = shell("echo $DF_TEST_INHERITED-$DF_TEST_REMOVED-$DF_TEST_SET");
  spec.environment = {{"DF_TEST_REMOVED", std::nullopt}, {"DF_TEST_SET", "c"}};
  auto child = ChildProcess::start(spec);
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(seconds(60), {})->output, "a--c\n");
}

TEST(ChildProcess, AccountsForTheChildAlone) {
  auto busy = ChildProcess::start(shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"));
  ASSERT_TRUE(busy);
  const auto busy_outcome = busy->wait(seconds(60), {});
  auto idle = ChildProcess::start(shell(":"));
  ASSERT_TRUE(idle);
  const auto idle_outcome = idle->wait(seconds(60), {});
  ASSERT_TRUE(busy_outcome && idle_outcome);
  EXPECT_GT(busy_outcome->cpu_user_s + busy_outcome->cpu_sys_s,
            idle_outcome->cpu_user_s + idle_outcome->cpu_sys_s);
}

TEST(ChildProcess, EndsOnCancellation) {
  auto child = ChildProcess::start(shell("exec sleep 600"));
  ASSERT_TRUE(child);
  std::stop_source stop;
  stop.request_stop();
  const auto outcome = child->wait(seconds(60), stop.get_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
}

TEST(ChildProcess, KillsWhatIgnoresTermination) {
  auto child = ChildProcess::start(shell("trap '' TERM; while :; do sleep 1; done"));
  ASSERT_TRUE(child);
  const auto outcome = child->wait(std::chrono::milliseconds(100), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
}

// A script is often more than one process, and one of them may hold the pipes for ever.
TEST(ChildProcess, EndsWhatAScriptHasStarted) {
  const TemporaryDirectory directory = TemporaryDirectory::make().value();
  const std::string pid_file = directory.path() / "pid";
  auto child = ChildProcess::start(shell("sleep 1000 & echo $! >'" + pid_file + "'; wait"));
  ASSERT_TRUE(child);
  std::string started;
  while (!started.ends_with('\n')) started = read_text(pid_file);
  ASSERT_TRUE(runs(started));
  const auto outcome = child->wait(std::chrono::milliseconds(100), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  while (runs(started)) std::this_thread::yield();  // its end is on the way, or the test hangs
}

TEST(ChildProcess, DoesNotWaitForWhatAScriptLeavesBehind) {
  auto child = ChildProcess::start(shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(child);
  const auto outcome = child->wait(seconds(500), {});
  ASSERT_TRUE(outcome);
  const pid_t left = std::stoi(outcome->output);
  EXPECT_EQ(::kill(left, SIGKILL), 0) << "it goes on";
}

TEST(ChildProcess, WaitsForAFilterBehindIt) {
  auto child = ChildProcess::start(shell("(sleep 0.05; echo late) & echo early"));
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(seconds(60), {})->output, "early\nlate\n");
}

TEST(ChildProcess, EndsWhatNeverStopsWriting) {
  auto child = ChildProcess::start(shell("exec cat /dev/zero"));
  ASSERT_TRUE(child);
  const auto outcome = child->wait(seconds(1), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
}

TEST(ChildProcess, SaysWhenThereIsNoSuchProgram) {
  auto child = ChildProcess::start({"/nonexistent/program", {}, {}});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(seconds(60), {})->exit_status, 127);
}

}  // namespace
}  // namespace depthfinder
