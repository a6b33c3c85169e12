// SPDX-License-Identifier: MIT
#include "mock_server/protocol/path_delay.h"

#include <algorithm>
#include <utility>

namespace depthfinder::mock {

Nanoseconds RecentMedian::value() const {
  const std::size_t kept = std::min(count_, kKept);
  if (kept == 0) return Nanoseconds(0);
  auto sorted = durations_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(kept / 2);
  std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(kept));
  return *middle;
}

void PathDelay::sent(TimePoint now) {
  outstanding_ = now;
  next_ = now + kInterval;
}

void PathDelay::answered(TimePoint now) {
  if (const auto sent = std::exchange(outstanding_, std::nullopt)) round_trips_.add(now - *sent);
}

}  // namespace depthfinder::mock
