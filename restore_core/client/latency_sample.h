// SPDX-License-Identifier: MIT
// LatencySample: how long one chunk request took, and the attempts it is made from. Plain values: a transport
// thread keeps its own attempts, and latency_samples() puts those of all connections together once the threads
// have ended. A trace of them is replayed by the mock server; writing it is not this file's business.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder {

// Of one request on one connection.
struct RequestTimes {
  std::optional<TimePoint> sent;  // just before the write that took its last byte; nothing while it is queued
  TimePoint first_byte;           // the answer's status had been received
  TimePoint ended;                // its last byte had been received, or it had failed
};

struct RequestAttempt {
  TimePoint sent;
  TimePoint first_byte;
  TimePoint ended;
  std::uint64_t bytes = 0;  // of the body
  bool answered = false;    // whole, with status 200
};

struct LatencySample {
  TimePoint sent;
  TimePoint first_byte;
  TimePoint last_byte;
  std::uint64_t bytes = 0;
  std::uint64_t in_flight = 0;  // sent and not ended when this one was sent, itself included

  friend bool operator==(const LatencySample&, const LatencySample&) = default;
};

// The answered ones in order of sending. Those that failed were in flight too, so they count there.
std::vector<LatencySample> latency_samples(std::vector<RequestAttempt> attempts);

}  // namespace depthfinder
