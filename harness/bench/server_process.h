// SPDX-License-Identifier: MIT
// ServerProcess: a program that serves as a child process and writes a ready file, and what the kernel says it costs.
// For benchmarks and tests of the mock's capacity; trials have harness/mock_process.h. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/child_process.h"
#include "harness/temporary_directory.h"
#include "restore_core/base/result.h"

namespace depthfinder::bench {

class ServerProcess {
 public:
  // `program` with `arguments` and "--ready-file FILE"; waits for the file. Errors: io, timeout, and what the program
  // says when it ends at once.
  static Result<ServerProcess> start(const std::string& program, std::vector<std::string> arguments);

  [[nodiscard]] const nlohmann::json& ready() const { return ready_; }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

  // User and system time of all its threads so far, exact to microseconds. Errors: io.
  [[nodiscard]] Result<double> cpu_s() const;
  // A line of /proc/PID/status in kB, such as "VmHWM" or "VmRSS". Errors: io.
  [[nodiscard]] Result<std::uint64_t> status_bytes(std::string_view key) const;

  // SIGTERM, and its end. Errors: timeout, io.
  Result<ChildOutcome> stop();

 private:
  ServerProcess(TemporaryDirectory directory, ChildProcess child, nlohmann::json ready)
      : directory_(std::move(directory)), child_(std::move(child)), ready_(std::move(ready)) {}

  TemporaryDirectory directory_;
  ChildProcess child_;
  nlohmann::json ready_;
};

}  // namespace depthfinder::bench
