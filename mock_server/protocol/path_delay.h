// SPDX-License-Identifier: MIT
// PathDelay: what a request and its answer lose on their way between client and model: sockets, TLS, wake-ups, frames
// that go first. A replayed wait was measured by a client and has all that in it, so it is taken off again. Measured by
// HTTP/2 PINGs that the session sends; here is only the arithmetic, without a clock.
#pragma once

#include <array>
#include <optional>

#include "restore_core/base/clock.h"

namespace depthfinder::mock {

class PathDelay {
 public:
  static constexpr Nanoseconds kInterval = std::chrono::milliseconds(20);

  // Whether a PING is to be sent: none is under way, and the last one was sent kInterval ago or more.
  [[nodiscard]] bool due(TimePoint now) const { return !outstanding_ && now >= next_; }
  [[nodiscard]] TimePoint next() const { return outstanding_ ? TimePoint::max() : next_; }
  void sent(TimePoint now);
  void answered(TimePoint now);

  // The median of the latest round trips; 0 before the first.
  [[nodiscard]] Nanoseconds estimate() const;

 private:
  static constexpr std::size_t kKept = 9;

  std::array<Nanoseconds, kKept> round_trips_{};
  std::size_t count_ = 0;
  TimePoint next_ = TimePoint::min();
  std::optional<TimePoint> outstanding_;
};

}  // namespace depthfinder::mock
