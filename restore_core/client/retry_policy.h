// SPDX-License-Identifier: MIT
// RetryPolicy: whether and when a connection tries again. Pure: counts and durations in, a decision out.
#pragma once

#include <algorithm>
#include <chrono>

namespace depthfinder {

struct RetryPolicy {
  int attempts_max = 5;                          // failures in a row that end it
  std::chrono::milliseconds backoff_first{100};  // doubles with each failure
  std::chrono::milliseconds backoff_max{10'000};

  [[nodiscard]] bool gives_up(int failures_in_row) const { return failures_in_row >= attempts_max; }

  // How long to wait after that many failures in a row (at least one).
  [[nodiscard]] std::chrono::milliseconds backoff(int failures_in_row) const {
    const int doublings = std::clamp(failures_in_row - 1, 0, 20);  // no overflow: 2^20 exceeds every bound
    return std::min(backoff_first * (1 << doublings), backoff_max);
  }
};

}  // namespace depthfinder
