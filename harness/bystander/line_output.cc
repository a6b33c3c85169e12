// SPDX-License-Identifier: MIT
#include "harness/bystander/line_output.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

namespace depthfinder {

// A pipe that is ready to be written takes PIPE_BUF bytes without waiting. (O_NONBLOCK would be set for everybody who
// shares the descriptor, a terminal among them.)
void LineOutput::write_some(int poll_ms) {
  while (!pending_.empty() && !broken_) {
    pollfd ready{fd_, POLLOUT, 0};
    if (::poll(&ready, 1, poll_ms) <= 0) return;
    const ssize_t written = ::write(fd_, pending_.data(), std::min<std::size_t>(pending_.size(), PIPE_BUF));
    if (written > 0)
      pending_.erase(0, static_cast<std::size_t>(written));
    else if (written < 0 && errno != EINTR)
      broken_ = true;
  }
}

void LineOutput::send(std::string_view text) {
  pending_ += text;
  write_some(0);
}

void LineOutput::finish() {
  while (!pending_.empty() && !broken_) write_some(1000);
}

}  // namespace depthfinder
