// SPDX-License-Identifier: MIT
// ControlInput: where a bystander waits. Every byte on its standard input is a mark; its end is the bystander's end
// where it is a pipe or a socket (a parent's); a stop request is too. Used by the loop's thread; the stop request
// comes from any.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "harness/bystander/bystander_loop.h"
#include "restore_core/base/handle.h"

namespace depthfinder {

class ControlInput final : public BystanderWaiter {
 public:
  // `input_fd` is watched only where it is a pipe or a socket. Errors: io.
  static Result<std::unique_ptr<ControlInput>> create(int input_fd, const std::stop_token& stop);
  ~ControlInput() override;

  Wake wait_until(TimePoint due) override;

  // Waits until `fd` is readable; false when stopped, or when the input has been at its end for `grace`.
  bool wait_for(int fd, Nanoseconds grace);

 private:
  ControlInput(UniqueFd stop_fd, int input_fd);
  void poll_once(int fd, Nanoseconds timeout, bool& fd_ready);
  void read_input();

  UniqueFd stop_fd_;  // an eventfd
  int input_fd_;      // -1: none, or at its end
  bool stopped_ = false;
  std::optional<TimePoint> input_ended_;
  std::uint64_t marks_ = 0;
  struct Stopper {
    int fd;
    void operator()() const;
  };
  std::optional<std::stop_callback<Stopper>> on_stop_;
};

}  // namespace depthfinder
