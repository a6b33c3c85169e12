// SPDX-License-Identifier: MIT
// run_sweep(): the trials of a scenario in seeded randomised blocks, the mock restarted for every block, the
// result written after every trial. It judges nothing: see reports/recommend.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "reports/result.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct SweepOptions {
  Scenario scenario;
  std::filesystem::path directory;  // where result.json goes
  std::uint64_t seed = 1;           // of the order within the blocks
  int blocks = 10;
  std::optional<Nanoseconds> time_budget;  // no block is begun that would not end within it
  bool resume = false;
};

struct SweepProgress {
  int block = 0, blocks = 0;  // from 0
  std::size_t trials_done = 0, trials_planned = 0;
  Nanoseconds elapsed{0};  // of this run
  std::size_t trials_this_run = 0;
  const Trial* last = nullptr;  // just finished; null when a block begins
  const Cell* cell = nullptr;   // of `last`
};
using SweepObserver = std::function<void(const SweepProgress&)>;

// The cells this host can run: without SHA-NI in the CPU those that ask for it are left out.
std::vector<Cell> runnable_cells(const Scenario& scenario, const HostInfo& host);

// A rough figure for --dry-run and for people; not a measurement.
Nanoseconds expected_duration(const Scenario& scenario, const std::vector<Cell>& cells, int blocks);

// Errors: bad_input (nothing to resume, or another scenario, seed or host), io, cancelled, and failed when a
// whole block had no valid trial. What was measured until then is in result.json.
Result<SweepResult> run_sweep(const SweepOptions& options, const SweepObserver& observer,
                              const std::stop_token& stop);

}  // namespace depthfinder
