// SPDX-License-Identifier: MIT
// RequestInfo: what the models may know of a request. Plain values.
#pragma once

#include <cstdint>

#include "restore_core/base/clock.h"
#include "restore_core/base/digest.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

struct RequestInfo {
  FaultOn on = FaultOn::chunk;  // what is asked for
  std::uint64_t ordinal = 1;    // the server's n-th request for such since its counters were reset, from 1
  std::uint64_t bytes = 0;      // of the answer's body
  std::uint64_t in_flight = 1;  // requests the server has not answered yet, this one included
  std::uint64_t position = 0;   // the chunk's first place in the index, from 0
  std::uint64_t place = 0;      // its rank among the index's distinct chunks: where a store wrote it, from 0
  Digest digest{};
  Nanoseconds path_delay{
      0};  // what request and answer lose between client and model; a replay takes it off again
};

}  // namespace depthfinder::mock
