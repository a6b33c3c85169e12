// SPDX-License-Identifier: MIT
// Exit statuses: what scripts and CI pipelines branch on. docs/exit-status.md lists them for users.
#pragma once

#include "restore_core/base/error.h"

namespace depthfinder {

enum class ExitStatus : int {
  done = 0,
  regression = 1,
  usage = 2,  // usage or bad input
  inconclusive = 3,
  integrity = 4,  // restored bytes or a digest wrong
  invalid = 5,    // measurement invalid: mock off target, mask not applied, host too noisy
  failed = 6,     // connection, authentication, I/O
  interrupted = 130,
};

inline ExitStatus exit_status_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::cancelled:
      return ExitStatus::interrupted;
    case ErrorKind::corrupt:
      return ExitStatus::integrity;
    case ErrorKind::bad_input:
      return ExitStatus::usage;
    default:
      return ExitStatus::failed;
  }
}

}  // namespace depthfinder
