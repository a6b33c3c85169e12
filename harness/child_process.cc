// SPDX-License-Identifier: MIT
#include "harness/child_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/spawn.h"
#include "restore_core/base/units.h"

extern char** environ;

namespace depthfinder {
namespace {

// Of either stream; the rest is not kept. What our programs print is far smaller, and a parser needs a multiple of it.
constexpr std::size_t kOutputBytesMax = 4ULL << 20;
// For another process that holds the pipes of one that has ended, such as a filter behind it.
constexpr std::chrono::milliseconds kGraceAfterEnd{200};

std::vector<std::string> child_environment(const ChildSpec& spec) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [changed, value] : spec.environment) replaced = replaced || changed == name;
    for (const auto& [changed, value] : spec.secrets) replaced = replaced || changed == name;
    if (!replaced) result.emplace_back(text);
  }
  for (const auto& [name, value] : spec.environment)
    if (value) result.push_back(name + "=" + *value);
  return result;
}

std::vector<Secret> secret_environment(const ChildSpec& spec) {
  std::vector<Secret> result;
  for (const auto& [name, value] : spec.secrets) {
    Secret& entry = result.emplace_back(name + "=");
    entry.append(value.text());
  }
  return result;
}

// To all of both, with a null at the end.
std::vector<char*> pointers(std::vector<std::string>& strings, std::vector<Secret>& secrets) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  for (Secret& text : secrets) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec: only what is safe after a fork of a process with threads.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int errors,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);                        // a group of its own, so that a script ends with what it has started
  if (getppid() != parent) _exit(127);  // the parent has gone before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

// The parent reads without waiting; the child is not asked to.
Result<PipeEnds> make_pipe() {
  DF_ASSIGN(PipeEnds ends, make_pipe_ends());
  ::fcntl(ends.read.get(), F_SETFL, O_NONBLOCK);
  return ends;
}

double to_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ChildProcess::ChildProcess(pid_t pid, UniqueFd output, UniqueFd errors)
    : pid_(pid), output_fd_(std::move(output)), errors_fd_(std::move(errors)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      reaped_(other.reaped_),
      started_(other.started_),
      output_fd_(std::move(other.output_fd_)),
      errors_fd_(std::move(other.errors_fd_)),
      outcome_(std::move(other.outcome_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || reaped_) return;
  signal_group(SIGKILL);
  reap(true);
}

Result<ChildProcess> ChildProcess::start(const ChildSpec& spec) {
  DF_ASSIGN(auto output, make_pipe());
  DF_ASSIGN(auto errors, make_pipe());
  std::vector<std::string> arguments{spec.program};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<std::string> environment = child_environment(spec);
  std::vector<Secret> no_secrets, secrets = secret_environment(spec);
  const std::vector<char*> argument_pointers = pointers(arguments, no_secrets);
  const std::vector<char*> environment_pointers = pointers(environment, secrets);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorKind::io, "cannot start {}: {}", spec.program, std::generic_category().message(errno));
  if (pid == 0)
    become(argument_pointers.data(), environment_pointers.data(), output.write.get(), errors.write.get(),
           parent);
  ::setpgid(pid, pid);  // here too: whoever is first
  return ChildProcess(pid, std::move(output.read), std::move(errors.read));
}

bool ChildProcess::collect(int poll_ms) {
  // Its pipes wake us; where they are closed, its end is near and nothing does.
  if (!output_fd_ && !errors_fd_) poll_ms = std::min(poll_ms, 1);
  pollfd fds[2] = {{output_fd_.get(), POLLIN, 0}, {errors_fd_.get(), POLLIN, 0}};
  ::poll(fds, 2, poll_ms);
  const bool output_open = drain(output_fd_, outcome_.output, kOutputBytesMax);
  const bool errors_open = drain(errors_fd_, outcome_.errors, kOutputBytesMax);
  return output_open || errors_open;
}

bool ChildProcess::reap(bool block) {
  if (reaped_) return true;
  int status = 0;
  rusage usage{};
  if (::wait4(pid_, &status, block ? 0 : WNOHANG, &usage) != pid_) return false;
  reaped_ = true;
  outcome_.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome_.cpu_user_s = to_seconds(usage.ru_utime);
  outcome_.cpu_sys_s = to_seconds(usage.ru_stime);
  outcome_.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return true;
}

bool ChildProcess::running() {
  collect(0);
  return !reap(false);
}

Result<ChildOutcome> ChildProcess::wait(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  using SteadyTime = std::chrono::steady_clock;
  const auto deadline = SteadyTime::now() + timeout;
  std::optional<SteadyTime::time_point> kill_at;
  bool timed_out = false;
  while (!reap(false)) {
    collect(20);
    const auto now = SteadyTime::now();
    if (!kill_at && (stop.stop_requested() || now >= deadline)) {
      timed_out = !stop.stop_requested();
      terminate();
      kill_at = now + kGraceAfterTerm;
    }
    if (kill_at && now >= *kill_at) signal_group(SIGKILL);
  }
  const auto open_until = SteadyTime::now() + kGraceAfterEnd;
  while (collect(20) && !kill_at && SteadyTime::now() < open_until) {
  }
  if (timed_out)
    return fail(ErrorKind::timeout, "ended, because it took longer than {}", format_duration(timeout));
  if (stop.stop_requested()) return fail(ErrorKind::cancelled, "interrupted");
  return std::move(outcome_);
}

void ChildProcess::signal_group(int signal) {
  if (pid_ > 0 && !reaped_) ::kill(-pid_, signal);
}

void ChildProcess::terminate() { signal_group(SIGTERM); }

std::string own_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace depthfinder
