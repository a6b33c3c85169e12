// SPDX-License-Identifier: MIT
// The round trip to the client and back, with jitter: a pure function of the latency and of the generator it is given.
#pragma once

#include <algorithm>

#include "mock_server/model/time_sampler.h"

namespace depthfinder::mock {

// Uniform in [latency - jitter, latency + jitter]; never negative.
[[nodiscard]] inline Nanoseconds round_trip(Nanoseconds latency, Nanoseconds jitter, Random& random) {
  if (jitter <= Nanoseconds(0)) return latency;
  const double offset = in_nanoseconds(jitter) * (2 * random.uniform() - 1);
  return bounded_time(in_nanoseconds(latency) + offset);
}

}  // namespace depthfinder::mock
