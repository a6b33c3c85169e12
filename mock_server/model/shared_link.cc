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
  if (!limited()) return now;
  const Nanoseconds duration = from_seconds(static_cast<double>(bytes) / bytes_per_s_);
  const TimePoint earliest = std::clamp(wanted_since, now - kCatchUpMax, now);
  MutexLock lock(mutex_);
  free_at_ = std::max(free_at_, earliest) + duration;
  return free_at_;
}

std::uint64_t SharedLink::slice_bytes() const {
  if (!limited()) return kSliceBytesMax;
  const double wanted = bytes_per_s_ * kSliceSeconds;
  return static_cast<std::uint64_t>(
      std::clamp(wanted, static_cast<double>(kSliceBytesMin), static_cast<double>(kSliceBytesMax)));
}

}  // namespace depthfinder::mock
