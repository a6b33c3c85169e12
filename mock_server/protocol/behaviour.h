// SPDX-License-Identifier: MIT
// Behaviour: one ServerSpec and the models made from it: times, faults, the shared link. All connections share it; a
// new one replaces it while the server runs, and requests that began under the old one end under it. Its members are
// thread-safe each on its own.
#pragma once

#include "mock_server/model/fault_plan.h"
#include "mock_server/model/shared_link.h"
#include "mock_server/model/time_model.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

struct Behaviour {
  explicit Behaviour(ServerSpec server)
      : spec(std::move(server)), times(spec), faults(spec.faults, spec.seed), link(spec.rate_bytes_per_s) {}

  // As at the start; what is being sent goes on.
  void reset() {
    times.reset();
    faults.reset();
    link.reset_audit();
  }

  const ServerSpec spec;
  TimeModel times;
  FaultPlan faults;
  SharedLink link;
};

}  // namespace depthfinder::mock
