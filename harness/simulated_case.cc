// SPDX-License-Identifier: MIT
#include <algorithm>

#include "harness/restore_simulation.h"

namespace depthfinder {

SimulatedCase simulated_case(const Scenario& scenario, std::uint64_t image_bytes, std::uint64_t seed) {
  SimulatedCase simulated{.name = scenario.name,
                          .image = scenario.image,
                          .server = scenario.server,
                          .target = scenario.target,
                          .changes = {},
                          .client = {},
                          .seed = seed};
  simulated.image.size_bytes = image_bytes;
  const auto& sha_ni = scenario.axes.sha_ni;
  if (std::find(sha_ni.begin(), sha_ni.end(), ShaNi::on) == sha_ni.end())
    simulated.client.hash_rate_bytes_per_s = 0.54e9;
  return simulated;
}

}  // namespace depthfinder
