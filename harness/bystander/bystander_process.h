// SPDX-License-Identifier: MIT
// BystanderProcess: `depthfinder bystander` as a child, followed live. It ends when this process does, however that
// happens: its standard input is a pipe that closes then. Used by one thread at a time.
//
// The child is never reaped. The kernel adds a child's CPU time to its parent's at the moment the parent reaps it, and
// whoever waits for this process (a sweep's trial) would read the bystander's work as the restore's. What is left is an
// entry in the process table until this process ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/bystander/bystander_spec.h"
#include "harness/bystander/report_line.h"
#include "harness/child_process.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class BystanderProcess {
 public:
  // Starts it and waits until it is calibrated. Errors: bad_input, io (with what the child says), cancelled, timeout,
  // protocol.
  static Result<BystanderProcess> start(const BystanderSpec& spec, const std::stop_token& stop,
                                        const std::string& program = own_program());
  BystanderProcess(BystanderProcess&& other) noexcept;
  BystanderProcess& operator=(BystanderProcess&&) = delete;
  ~BystanderProcess();  // ends it

  // What it reported since the last call; does not wait. Errors: io when it has ended by itself, with the reason;
  // protocol.
  Result<std::vector<BystanderReport>> take_samples();

  // Asks it to report what it has and waits for that: the samples so far, and none that began later.
  // Errors: as start().
  Result<std::vector<BystanderReport>> take_samples_until_now(const std::stop_token& stop);

  // As take_samples_until_now(), after `duration`.
  Result<std::vector<BystanderReport>> take_samples_for(Nanoseconds duration, const std::stop_token& stop);

  // Ends it and returns the rest. Errors: as start(), and io when it ended with a failure.
  Result<std::vector<BystanderReport>> stop();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint64_t work_units() const { return work_units_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  BystanderProcess(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors);
  Result<void> read_lines();
  Result<void> accept(const BystanderLine& line);
  Result<void> wait_for_news(SteadyTime deadline, const std::stop_token& stop);
  Result<void> wait_until_ready(const std::stop_token& stop);
  std::vector<BystanderReport> take();
  [[nodiscard]] Error ended_error();
  bool wait_for_end(std::chrono::milliseconds timeout);
  void end();

  pid_t pid_ = -1;
  std::optional<int> exit_status_;
  UniqueFd input_fd_, output_fd_, errors_fd_;
  std::string partial_line_, errors_;
  bool ready_ = false;
  std::uint64_t work_units_ = 0;
  std::uint64_t marks_asked_ = 0, marks_seen_ = 0;
  std::vector<BystanderReport> reports_;
};

}  // namespace depthfinder
