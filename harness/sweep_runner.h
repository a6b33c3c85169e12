// SPDX-License-Identifier: MIT
// run_sweep(): the trials of a scenario in seeded randomised blocks, the mock restarted for every block, the
// result written after every trial. Between blocks the race says which cells run on (reports/race_round.h). It judges
// nothing itself: see reports/recommend.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "harness/real_server.h"
#include "reports/race_round.h"
#include "reports/result.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct SweepOptions {
  Scenario scenario;
  std::filesystem::path directory;  // where result.json goes
  std::uint64_t seed = 1;           // of the order within the blocks
  // Of the full grid. A race makes at most as many trials, unless the blocks are fixed: then it makes so many blocks, of
  // the cells that are left.
  int blocks = 10;
  bool blocks_fixed = false;
  bool racing = true;                      // false: every cell in every block
  std::optional<Nanoseconds> time_budget;  // no block is begun that would not end within it
  std::optional<RealServer> real_server;   // else the mock
  std::optional<std::uint64_t>
      bytes_limit;  // on the wire, over all trials: none is begun that may go beyond it
  bool resume = false;
};

enum class SweepMoment { block_begins, trial_ends, block_ends };

// What is seen at one moment; the pointers are good during the call.
struct SweepProgress {
  SweepMoment moment = SweepMoment::block_begins;
  int block = 0;  // from 0
  std::size_t cells_alive = 0, trials_done = 0;
  std::size_t trials_max = 0;            // that the whole sweep makes at most
  Nanoseconds elapsed{0};                // of this run
  std::optional<Nanoseconds> left_most;  // what is left takes at most, by the trials made so far
  const Trial* last = nullptr;           // of trial_ends
  const Cell* cell = nullptr;            // likewise
  const RaceRound* round = nullptr;      // of block_ends, in a race
  const SweepResult* result = nullptr;   // so far
};
using SweepObserver = std::function<void(const SweepProgress&)>;

// Why the last block was the last.
enum class SweepEnd { all_blocks, decided, trials, time, bytes };

struct SweepOutcome {
  SweepResult result;
  SweepEnd end = SweepEnd::all_blocks;
};

// The cells this host can run: without SHA-NI in the CPU those that ask for it are left out.
std::vector<Cell> runnable_cells(const Scenario& scenario, const HostInfo& host);

// Errors: bad_input (nothing to resume, or another scenario, seed or host), io, cancelled, and failed when a
// whole block had no valid trial. What was measured until then is in result.json.
Result<SweepOutcome> run_sweep(const SweepOptions& options, const SweepObserver& observer,
                               const std::stop_token& stop);

}  // namespace depthfinder
