// SPDX-License-Identifier: MIT
// RequestLimit: a token bucket as a virtual clock: `burst` tokens, refilled at `per_second`, one taken by each request,
// which waits until there is one. The times of a busy period are computed from its beginning, so that rounding never
// adds up. Its owner locks.
#pragma once

#include <cstdint>

#include "restore_core/base/clock.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

class RequestLimit {
 public:
  explicit RequestLimit(const RequestLimitSpec& spec) : spec_(spec) {}

  // When the request may pass; requests pass in the order of these calls. `arrival` when there is a token.
  [[nodiscard]] TimePoint admit(TimePoint arrival);

 private:
  // When the bucket would be full again, had `tokens` been taken since the busy period began.
  [[nodiscard]] TimePoint full_at(double tokens) const;

  const RequestLimitSpec spec_;
  TimePoint busy_since_{};   // the bucket was last full
  std::uint64_t taken_ = 0;  // since then
};

}  // namespace depthfinder::mock
