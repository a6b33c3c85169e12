// SPDX-License-Identifier: MIT
// LineOutput: lines to a descriptor whose reader may be slow. send() never waits: what does not fit stays in memory
// until the next send(); finish() waits for the rest. Used by one thread.
#pragma once

#include <string>
#include <string_view>

namespace depthfinder {

class LineOutput {
 public:
  explicit LineOutput(int fd) : fd_(fd) {}

  void send(std::string_view text);  // with the end of its line
  void finish();

  [[nodiscard]] bool broken() const { return broken_; }  // nobody reads any more

 private:
  void write_some(int poll_ms);

  int fd_;
  bool broken_ = false;
  std::string pending_;
};

}  // namespace depthfinder
