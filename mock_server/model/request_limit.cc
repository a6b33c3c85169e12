// SPDX-License-Identifier: MIT
#include "mock_server/model/request_limit.h"

#include <algorithm>
#include <cmath>

namespace depthfinder::mock {

TimePoint RequestLimit::full_at(double tokens) const {
  return busy_since_ + Nanoseconds(std::llround(std::max(0.0, tokens) / spec_.per_second * 1e9));
}

TimePoint RequestLimit::admit(TimePoint arrival) {
  if (!(spec_.per_second > 0)) return arrival;
  if (taken_ == 0 || arrival >= full_at(static_cast<double>(taken_))) {
    busy_since_ = arrival;
    taken_ = 0;
  }
  ++taken_;
  // The n-th token of a busy period is there once n - burst of them have been refilled.
  return std::max(arrival, full_at(static_cast<double>(taken_) - spec_.burst));
}

}  // namespace depthfinder::mock
