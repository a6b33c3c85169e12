// SPDX-License-Identifier: MIT
#include "mock_server/model/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace depthfinder::mock {

namespace {
constexpr double kGrowth = 1.002;
constexpr double kFloorNs = 100;       // everything shorter shares the first bucket
constexpr double kCeilingNs = 3.6e12;  // one hour

std::size_t bucket_of(double nanoseconds) {
  const double clamped = std::clamp(nanoseconds, kFloorNs, kCeilingNs);
  return static_cast<std::size_t>(std::log(clamped / kFloorNs) / std::log(kGrowth));
}
}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(bucket_of(kCeilingNs) + 1) {}

void LatencyHistogram::add(Nanoseconds duration) {
  const Nanoseconds bounded = std::max(duration, Nanoseconds(0));
  const auto nanoseconds = static_cast<double>(bounded.count());
  ++buckets_[bucket_of(nanoseconds)];
  ++count_;
  sum_ns_ += nanoseconds;
  max_ = std::max(max_, bounded);
}

Nanoseconds LatencyHistogram::mean() const {
  return count_ == 0 ? Nanoseconds(0) : Nanoseconds(std::llround(sum_ns_ / static_cast<double>(count_)));
}

Nanoseconds LatencyHistogram::quantile(double share) const {
  if (count_ == 0) return Nanoseconds(0);
  const double rank =
      std::clamp(std::ceil(share * static_cast<double>(count_)), 1.0, static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (static_cast<double>(seen) < rank) continue;
    const double middle = kFloorNs * std::pow(kGrowth, static_cast<double>(bucket) + 0.5);
    return std::min(max_, Nanoseconds(std::llround(middle)));
  }
  return max_;
}

}  // namespace depthfinder::mock
