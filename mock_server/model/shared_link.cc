// SPDX-License-Identifier: MIT
#include "mock_server/model/shared_link.h"

#include <algorithm>

namespace depthfinder::mock {

namespace {
constexpr std::uint64_t kSliceBytesMin = 16 << 10;  // one TLS record
constexpr std::uint64_t kSliceBytesMax = 256 << 10;
constexpr double kSliceSeconds = 0.0005;
}  // namespace

TimePoint SharedLink::reserve(TimePoint now, TimePoint wanted_since, std::uint64_t bytes) {
  MutexLock lock(mutex_);
  bytes_ += bytes;
  if (!limited()) return now;
  const Nanoseconds duration = from_seconds(static_cast<double>(bytes) / bytes_per_s_);
  const TimePoint start = std::max(free_at_, std::clamp(wanted_since, now - kCatchUpMax, now));
  // Clamping moved the start beyond what the sender and the link were ready for: nobody used the time between.
  lost_ += std::max(Nanoseconds(0), start - std::max(free_at_, std::min(wanted_since, now)));
  busy_ += duration;
  free_at_ = start + duration;
  return free_at_;
}

std::uint64_t SharedLink::bytes() {
  MutexLock lock(mutex_);
  return bytes_;
}

Nanoseconds SharedLink::busy() {
  MutexLock lock(mutex_);
  return busy_;
}

Nanoseconds SharedLink::lost() {
  MutexLock lock(mutex_);
  return lost_;
}

void SharedLink::reset_audit() {
  MutexLock lock(mutex_);
  bytes_ = 0;
  busy_ = lost_ = Nanoseconds(0);
}

std::uint64_t SharedLink::slice_bytes() const {
  if (!limited()) return kSliceBytesMax;
  const double wanted = bytes_per_s_ * kSliceSeconds;
  return static_cast<std::uint64_t>(
      std::clamp(wanted, static_cast<double>(kSliceBytesMin), static_cast<double>(kSliceBytesMax)));
}

}  // namespace depthfinder::mock
