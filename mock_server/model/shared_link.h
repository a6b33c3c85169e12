// SPDX-License-Identifier: MIT
// SharedLink: one link of fixed rate that all connections send through, as a virtual clock: slices leave one after
// another in the order of their reservations, each when its last byte has crossed. Any thread may reserve. It keeps
// no clock and never waits: the sender does, until the time it is told. It counts what the audit needs.
#pragma once

#include <cstdint>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

class SharedLink {
 public:
  // A sender that woke up late may catch up this much; what it lost beyond that, and idle time, is lost.
  static constexpr Nanoseconds kCatchUpMax = std::chrono::milliseconds(20);

  // 0 bytes per second: no limit.
  explicit SharedLink(double bytes_per_s) : bytes_per_s_(bytes_per_s) {}

  // When a slice of `bytes` may leave. `wanted_since` is when the sender could have sent it: the departure of its
  // slice before this one while it has a backlog, `now` otherwise. Not before `now` without a limit; with one it may
  // be in the past for a sender that catches up.
  [[nodiscard]] TimePoint reserve(TimePoint now, TimePoint wanted_since, std::uint64_t bytes);

  [[nodiscard]] bool limited() const { return bytes_per_s_ > 0; }
  [[nodiscard]] double bytes_per_s() const { return bytes_per_s_; }

  // Since the start or the last reset_audit(): the bytes and the sum of the durations of all slices granted (without a
  // limit they take no time), and the time that the link stood still only because a sender with a backlog came later
  // than kCatchUpMax. With a cap per connection (LinkPath) that sender alone could not have filled all of it.
  [[nodiscard]] std::uint64_t bytes();
  [[nodiscard]] Nanoseconds busy();
  [[nodiscard]] Nanoseconds lost();
  void reset_audit();

  // How much to reserve at a time: half a millisecond's worth, so that connections share the link finely and the
  // timer is not the limit.
  [[nodiscard]] std::uint64_t slice_bytes() const;

 private:
  const double bytes_per_s_;
  Mutex mutex_;
  TimePoint free_at_ DF_GUARDED_BY(mutex_){};
  std::uint64_t bytes_ DF_GUARDED_BY(mutex_) = 0;
  Nanoseconds busy_ DF_GUARDED_BY(mutex_){0};
  Nanoseconds lost_ DF_GUARDED_BY(mutex_){0};
};

}  // namespace depthfinder::mock
