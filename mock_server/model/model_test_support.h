// SPDX-License-Identifier: MIT
// What the tests of this folder share: time points, and requests for chunks whose digests tell their number.
#pragma once

#include <chrono>

#include "mock_server/model/request_info.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/random.h"

namespace depthfinder::mock {

inline TimePoint at(Nanoseconds since_start) { return TimePoint(std::chrono::hours(1) + since_start); }

// 32 bytes that look random and belong to `number`.
inline Digest test_digest(std::uint64_t number) {
  Random random(number);
  Digest digest{};
  for (auto& byte : digest) byte = static_cast<std::uint8_t>(random.next());
  return digest;
}

// The server's `ordinal`-th request, for the chunk at position and place ordinal - 1.
inline RequestInfo test_request(std::uint64_t ordinal, std::uint64_t bytes = 4 << 20) {
  return {.ordinal = ordinal,
          .bytes = bytes,
          .position = ordinal - 1,
          .place = ordinal - 1,
          .digest = test_digest(ordinal - 1)};
}

}  // namespace depthfinder::mock
