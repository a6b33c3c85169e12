// SPDX-License-Identifier: MIT
// Waits recorded elsewhere, given out again in their order: a pure function.
#pragma once

#include <algorithm>
#include <vector>

#include "mock_server/model/request_info.h"
#include "restore_core/base/clock.h"

namespace depthfinder::mock {

// The server's n-th chunk request gets the n-th wait, and after the last one the first, so that a client measures it
// again: what the way to it takes here is taken off. `waits` is not empty.
[[nodiscard]] inline Nanoseconds replayed_wait(const std::vector<Nanoseconds>& waits,
                                               const RequestInfo& request) {
  const Nanoseconds wait = waits[(request.ordinal + waits.size() - 1) % waits.size()];
  return std::max(Nanoseconds(0), wait - request.path_delay);
}

}  // namespace depthfinder::mock
