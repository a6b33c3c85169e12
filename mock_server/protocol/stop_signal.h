// SPDX-License-Identifier: MIT
// StopSignal: an eventfd that becomes readable for good when the server stops, so that every wait on a socket also ends
// then. Any thread may raise it or poll its descriptor.
#pragma once

#include "restore_core/base/clock.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

class StopSignal {
 public:
  static Result<StopSignal> make();

  void raise() const;
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool raised() const;

 private:
  explicit StopSignal(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

struct Readiness {
  bool readable = false;  // also at end of file and on errors: reading tells
  bool writable = false;
  bool stopped = false;
};

// Waits until the socket (or none: -1) is ready, the server stops or `deadline` passes; to the nanosecond as far as the
// kernel goes. A deadline in the past polls.
Readiness wait_ready(int socket, bool for_reading, bool for_writing, const StopSignal& stop,
                     TimePoint deadline);

}  // namespace depthfinder::mock
