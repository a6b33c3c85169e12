// SPDX-License-Identifier: MIT
// RetryPolicy: whether and when a connection tries again. Pure: counts and durations in, a decision out.
#pragma once

#include <algorithm>
#include <chrono>

namespace depthfinder {

struct RetryPolicy {
  int attempts_max = 5;                          // failures in a row that end it
  std::chrono::milliseconds patience{0};         // but not sooner than this after the first of them
  std::chrono::milliseconds backoff_first{100};  // doubles with each failure
  // A server that is back is to be found soon: a restart takes seconds.
  std::chrono::milliseconds backoff_max{2000};

  [[nodiscard]] bool gives_up(int failures_in_row, std::chrono::nanoseconds since_first) const {
    return failures_in_row >= attempts_max && since_first >= patience;
  }

  // How long to wait after that many failures in a row (at least one).
  [[nodiscard]] std::chrono::milliseconds backoff(int failures_in_row) const {
    const int doublings = std::clamp(failures_in_row - 1, 0, 20);  // no overflow: 2^20 exceeds every bound
    return std::min(backoff_first * (1 << doublings), backoff_max);
  }
};

// Failures without a success between them, counted and timed for the policy. A value of the transport thread's.
struct FailureRow {
  int count = 0;
  std::chrono::steady_clock::time_point first;

  // Adds one.
  void add(std::chrono::steady_clock::time_point now) {
    if (count++ == 0) first = now;
  }
  void end() { count = 0; }
};

}  // namespace depthfinder
