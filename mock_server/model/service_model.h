// SPDX-License-Identifier: MIT
// ServiceModel: when the answer to a request is ready. One model serves all connections; ready_at may be called from
// any thread. A model takes time as an argument and randomness from its caller: it has no clock and does no I/O.
#pragma once

#include <cstdint>

#include "restore_core/base/clock.h"
#include "restore_core/base/random.h"

namespace depthfinder::mock {

struct RequestInfo {
  std::uint64_t bytes = 0;      // of the answer's body
  std::uint64_t in_flight = 1;  // requests the server has not answered yet, this one included
};

class ServiceModel {
 public:
  virtual ~ServiceModel() = default;
  // Never before `arrival`.
  [[nodiscard]] virtual TimePoint ready_at(const RequestInfo& request, TimePoint arrival, Random& random) = 0;
};

// The same wait for every request, however many overlap: a pure delay.
class ConstantLatency final : public ServiceModel {
 public:
  explicit ConstantLatency(Nanoseconds latency) : latency_(latency) {}
  [[nodiscard]] TimePoint ready_at(const RequestInfo&, TimePoint arrival, Random&) override {
    return arrival + latency_;
  }

 private:
  Nanoseconds latency_;
};

}  // namespace depthfinder::mock
