// SPDX-License-Identifier: MIT
// ChildProcess: one program started with a changed environment, its standard output collected, and what the
// kernel says it used. A child does not outlive the process that started it. Used by one thread.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "restore_core/base/clock.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"

namespace depthfinder {

struct ChildSpec {
  std::string program;                 // a path
  std::vector<std::string> arguments;  // without the program's name
  // Set, or taken away where there is no value; everything else is inherited.
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  std::vector<std::pair<std::string, Secret>> secrets = {};  // set too; in this process they stay secrets
};

// What one finished child used, from wait4() of that child only.
struct ChildOutcome {
  int exit_status = 0;  // 128 + signal when a signal ended it
  double cpu_user_s = 0;
  double cpu_sys_s = 0;
  double elapsed_s = 0;  // from its start to its end, to about a millisecond (20 where others hold its pipes)
  std::string output;    // its standard output
  std::string errors;    // its standard error
};

class ChildProcess {
 public:
  // Errors: io.
  static Result<ChildProcess> start(const ChildSpec& spec);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // kills it when it still runs

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();  // false once it has ended; wait() tells how

  // Collects its output and waits for its end; sends SIGTERM on `stop` and when `timeout` has passed, and SIGKILL two
  // seconds later, to what it has started too. What it leaves behind at an end of its own goes on, and is not waited
  // for. Errors: timeout, cancelled, io.
  Result<ChildOutcome> wait(std::chrono::milliseconds timeout, const std::stop_token& stop);

  void terminate();  // SIGTERM

 private:
  ChildProcess(pid_t pid, UniqueFd output, UniqueFd errors);
  bool collect(int poll_ms);
  void signal_group(int signal);
  bool reap(bool block);

  pid_t pid_ = -1;
  bool reaped_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  UniqueFd output_fd_, errors_fd_;
  ChildOutcome outcome_;
};

// The path of the program that is running.
std::string own_program();

}  // namespace depthfinder
