// SPDX-License-Identifier: MIT
// The settings that every regret table compares with: upstream's default of 16 chunks and 4 threads, one chunk at a
// time, and half the cores as another client has it. Pure; any thread; used by regret.cc alone.
#pragma once

#include <string>
#include <vector>

#include "scenarios/cell.h"

namespace depthfinder::regret {

// The valid trials of one cell: ln X by block, NaN where there is none.
struct Rates {
  Cell cell;
  std::vector<double> log_throughput;
  std::string excluded;  // why it cannot be chosen; empty: it can
};

// One result's cells of the host's own CPU state.
struct Measured {
  int logical_cpus = 1;
  std::size_t blocks = 0;
  std::vector<Rates> cells;
};

struct Baseline {
  const char* name;
  int depth = 0;    // 0: half the cores, 2 to 16
  int threads = 4;  // 0: as many as the depth
};
inline constexpr Baseline kBaselines[] = {
    {"upstream's 16/4", 16, 4}, {"one at a time, 1/4", 1, 4}, {"half the cores", 0, 0}};

int half_the_cores(int logical_cpus);

// Its cell in a result: of the shipped strategy with those threads, else with the nearest number of threads (then it is
// not exact), else nothing.
struct Found {
  const Rates* rates = nullptr;
  bool is_exact = false;
};
Found find_baseline(const Baseline& baseline, const Measured& result);

}  // namespace depthfinder::regret
