// SPDX-License-Identifier: MIT
// Time as the program sees it. Decisions take a time point as an argument; whoever needs "now" is given a
// Clock, so that tests step it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace depthfinder {

using Nanoseconds = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Nanoseconds>;

inline double to_seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }
inline Nanoseconds from_seconds(double seconds) {
  return std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
}

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;  // monotonic; callable from any thread
};

class SteadyClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
};

// Stands still until a test moves it.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(Nanoseconds(nanoseconds_.load())); }
  void advance(Nanoseconds by) { nanoseconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> nanoseconds_{0};
};

// CPU time that the calling thread has used so far (user and system).
Nanoseconds thread_cpu_time();

}  // namespace depthfinder
