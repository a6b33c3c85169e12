// SPDX-License-Identifier: MIT
// RestoreSimulation: a restore in simulated time, event by event: depth tokens, the mock server's own time model and
// faults, its link with a cap per connection, T decode workers, W writers, and a machine whose speed drifts. It drives
// a DepthController as the engine does, or holds a depth. For tests: no thread, no wall clock; a run owns all its state.
// Not modelled: contention for cores and caches, TCP, and anything that depends on the bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "restore_core/engine/depth_controller.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// What the client and its machine take. The defaults are near what one core of a server measures.
struct SimulatedClient {
  int connections = 1;
  double connection_rate_bytes_per_s = 1.3e9;  // one thread's TLS
  double hash_rate_bytes_per_s = 1.9e9;        // SHA-NI; 0.54e9 without
  double decompress_rate_bytes_per_s = 2.9e9;  // not for incompressible data
  double decrypt_rate_bytes_per_s = 6.2e9;     // where encrypted
  double decode_spread = 0.1;                  // uniform, of a chunk's decode time
  int writers = 1;
  int threads_max = 4;
  double noise_sigma = 0.04;  // of the machine's speed: AR(1)
  Nanoseconds noise_memory = std::chrono::seconds(1);
};

struct ServerChange {
  Nanoseconds at{0};
  ServerSpec server;
};

struct SimulatedCase {
  std::string name;
  ImageSpec image;
  ServerSpec server;
  TargetSpec target;
  std::vector<ServerChange> changes;  // of the server's times and link, in their order
  SimulatedClient client;
  std::uint64_t seed = 1;
};

// The scenario's image grown to `image_bytes`; hashing as its axes have it.
SimulatedCase simulated_case(const Scenario& scenario, std::uint64_t image_bytes, std::uint64_t seed);

struct SimulatedWindow {
  Nanoseconds end{0};
  Nanoseconds length{0};
  int depth = 1;  // while it lasted
  int threads = 1;
  double goodput_bytes_per_s = 0;
  DepthDecision decision;  // at its end
};

struct SimulatedRun {
  Nanoseconds duration{0};
  double goodput_bytes_per_s = 0;        // of fetched chunks, over the whole run
  double depth_mean = 0;                 // over time
  std::vector<SimulatedWindow> windows;  // empty with a fixed depth
};

SimulatedRun simulate_fixed(const SimulatedCase& simulated, int depth, int threads);
SimulatedRun simulate_controlled(const SimulatedCase& simulated, const DepthLimits& limits);

}  // namespace depthfinder
