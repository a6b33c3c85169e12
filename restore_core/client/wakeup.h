// SPDX-License-Identifier: MIT
// Wakeup: interrupts a thread that waits in poll(). Owned by whoever waits; notify() and cancel() may come
// from any thread. A cancelled one stays cancelled.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class Wakeup {
 public:
  // Error: io, when there is no file descriptor left.
  static Result<std::unique_ptr<Wakeup>> create();

  void notify();
  void cancel();
  [[nodiscard]] bool cancelled() const { return cancelled_; }

  // Waits until `fd` (or -1) has one of `events`, until notified, or for `timeout` (negative: for ever).
  // Returns the events there are, 0 for none. Errors: cancelled, io.
  Result<short> wait(int fd, short events, std::chrono::nanoseconds timeout);

  // For libraries that poll by themselves.
  [[nodiscard]] int fd() const { return event_fd_.get(); }

 private:
  explicit Wakeup(UniqueFd event_fd) : event_fd_(std::move(event_fd)) {}
  void drain();

  UniqueFd event_fd_;
  std::atomic<bool> cancelled_{false};
};

[[nodiscard]] inline Error cancelled_error() { return Error{ErrorKind::cancelled, "cancelled", {}}; }

}  // namespace depthfinder
