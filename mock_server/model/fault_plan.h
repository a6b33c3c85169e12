// SPDX-License-Identifier: MIT
// FaultPlan: which requests meet which fault. Any thread; no clock: the caller says how long the trial has run. A fault
// by share is drawn from the seed, the fault's place in the list and the request's ordinal alone, so a run can be
// repeated whatever the threads do.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "mock_server/model/request_info.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

class FaultPlan {
 public:
  FaultPlan(std::vector<FaultSpec> faults, std::uint64_t seed);

  // The first fault of the list that applies, or null; it counts as injected. `since_start` is the time since the first
  // request for a chunk, 0 before it, after the start or the last reset. The pointer lives as long as the plan.
  [[nodiscard]] const FaultSpec* decide(const RequestInfo& request, Nanoseconds since_start);

  // How often each kind was injected since the start or the last reset.
  [[nodiscard]] std::map<FaultKind, std::uint64_t> injected();
  void reset();

 private:
  [[nodiscard]] bool applies(std::size_t index, const RequestInfo& request, Nanoseconds since_start) const;

  const std::vector<FaultSpec> faults_;
  const std::uint64_t seed_;
  Mutex mutex_;
  std::vector<std::uint64_t> counts_ DF_GUARDED_BY(mutex_);  // per fault of the list
};

}  // namespace depthfinder::mock
