// SPDX-License-Identifier: MIT
// Latency that grows with the requests in flight: a pure function.
#pragma once

#include <algorithm>
#include <cstdint>

#include "scenarios/server_spec.h"

namespace depthfinder::mock {

// per_request for each request in flight beyond `free`.
[[nodiscard]] inline Nanoseconds load_delay(const LoadSpec& load, std::uint64_t in_flight) {
  return load.per_request * std::max<std::int64_t>(0, static_cast<std::int64_t>(in_flight) - load.free);
}

}  // namespace depthfinder::mock
