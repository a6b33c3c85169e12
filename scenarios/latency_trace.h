// SPDX-License-Identifier: MIT
// LatencyTrace: the chunk requests of one restore as they were answered, and the file they are kept in. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder {

struct LatencyTraceRequest {
  Nanoseconds sent{0};                     // since the first request was sent
  Nanoseconds first_byte{0};               // since this one was
  Nanoseconds last_byte{0};                // likewise
  std::uint64_t bytes = 0, in_flight = 0;  // in flight: when this one was sent, itself included
};

struct LatencyTrace {
  std::vector<LatencyTraceRequest> requests;  // in order of sending
};

// Times in milliseconds, to the microsecond.
std::string latency_trace_json(const LatencyTrace& trace);

}  // namespace depthfinder
