// SPDX-License-Identifier: MIT
// LatencyTrace: how long the chunk requests of one restore took, as `restore --record-latency` writes it and as a
// server's "replay" or a "recorded:FILE" distribution reads it. A plain value; the functions are stateless, any thread.
// It records nothing itself.
//   {"schema": "depthfinder-latency-trace", "schema_version": 1,
//    "requests": {"sent_ms": [...], "first_byte_ms": [...], "last_byte_ms": [...], "bytes": [...], "in_flight": [...]}}
// Columns of equal length, in the order of sending.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct LatencyTraceRequest {
  Nanoseconds sent{0};          // since the first request
  Nanoseconds first_byte{0};    // since this request was sent
  Nanoseconds last_byte{0};     // since this request was sent
  std::uint64_t bytes = 0;      // of the answer's body
  std::uint64_t in_flight = 0;  // when it was sent
  friend bool operator==(const LatencyTraceRequest&, const LatencyTraceRequest&) = default;
};

struct LatencyTrace {
  std::vector<LatencyTraceRequest> requests;
  friend bool operator==(const LatencyTrace&, const LatencyTrace&) = default;
};

inline constexpr std::size_t kTraceRequestsMax = 10'000'000;
inline constexpr std::uint64_t kTraceBytesMax = 512ULL << 20;

// Unknown keys, times over ten days, columns of unequal length, negative times, requests out of order and answers that end before they begin
// are refused. `where` names the text in messages. Errors: bad_input.
Result<LatencyTrace> parse_latency_trace(std::string_view text, std::string_view where);

// Read back to the same value.
std::string latency_trace_json(const LatencyTrace& trace);

}  // namespace depthfinder
