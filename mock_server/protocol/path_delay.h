// SPDX-License-Identifier: MIT
// PathDelay: what a request and its answer lose between a client and the model: sockets, TLS, wake-ups, frames that go
// first, late timers. A replayed wait was measured by a client and has all that in it, so it is taken off again. The way
// is measured by HTTP/2 PINGs that the session sends; here is only the arithmetic, without a clock.
#pragma once

#include <array>
#include <optional>

#include "restore_core/base/clock.h"

namespace depthfinder::mock {

// The median of the latest few durations.
class RecentMedian {
 public:
  void add(Nanoseconds duration) { durations_[count_++ % kKept] = duration; }
  [[nodiscard]] Nanoseconds value() const;  // 0 before the first

 private:
  static constexpr std::size_t kKept = 9;

  std::array<Nanoseconds, kKept> durations_{};
  std::size_t count_ = 0;
};

class PathDelay {
 public:
  static constexpr Nanoseconds kInterval = std::chrono::milliseconds(20);

  // Whether a PING is to be sent: none is under way, and the last one was sent kInterval ago or more.
  [[nodiscard]] bool due(TimePoint now) const { return !outstanding_ && now >= next_; }
  [[nodiscard]] TimePoint next() const { return outstanding_ ? TimePoint::max() : next_; }
  void sent(TimePoint now);
  void answered(TimePoint now);
  // How much later than wanted an answer was let go.
  void was_late(Nanoseconds by) { lateness_.add(by); }

  [[nodiscard]] Nanoseconds estimate() const { return round_trips_.value() + lateness_.value(); }

 private:
  RecentMedian round_trips_, lateness_;
  TimePoint next_ = TimePoint::min();
  std::optional<TimePoint> outstanding_;
};

}  // namespace depthfinder::mock
