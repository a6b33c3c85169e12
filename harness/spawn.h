// SPDX-License-Identifier: MIT
// spawn(): a program as a child with descriptors of its own for standard input, output and error, and no signal
// blocked. How a child ended is asked without reaping it
// where its CPU time must not become the parent's. Callable from any thread.
#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct SpawnSpec {
  std::string program;                 // a path
  std::vector<std::string> arguments;  // without the program's name
  int input_fd = -1;                   // -1: /dev/null
  int output_fd = -1;                  // -1: /dev/null
  int errors_fd = -1;                  // -1: inherited
  bool inherits_settings = false;      // else without the restore's PBS_* variables and CPU mask
  bool own_group = false;              // so that it can be ended with all that it started
};

// Errors: io.
Result<pid_t> spawn(const SpawnSpec& spec);

// The exit status of a child that has ended, 128 + signal when a signal ended it; the child stays unreaped.
std::optional<int> exit_status_unreaped(pid_t pid);

// Waits for the end of a child, which is gone then: its wait status.
int reap(pid_t pid);

// Readable once the process has ended. Errors: io.
Result<UniqueFd> process_fd(pid_t pid);

struct PipeEnds {
  UniqueFd read, write;  // neither is inherited
};
Result<PipeEnds> make_pipe_ends();

// Appends to `text`, as far as that stays below `kept_max` bytes, what there is to read from a descriptor that does not
// block: as much as a pipe can hold, since a child may write faster than we read. False at the end of the stream, where
// `fd` is closed.
bool drain(UniqueFd& fd, std::string& text, std::size_t kept_max = std::numeric_limits<std::size_t>::max());

inline constexpr std::chrono::seconds kGraceAfterTerm{2};  // from SIGTERM to SIGKILL

}  // namespace depthfinder
