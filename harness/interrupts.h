// SPDX-License-Identifier: MIT
// Interrupts: SIGINT, SIGTERM and SIGHUP (unless it was ignored, as under nohup) as a stop token. Made first in main(),
// before any other thread, since it blocks the signals for the whole process and one thread of its own waits for
// them. A second signal ends the process at once. Signals that stand for an error of write() are ignored.
#pragma once

#include <stop_token>
#include <thread>

namespace depthfinder {

class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void wait_for_signals(const std::stop_token& end);

  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace depthfinder
