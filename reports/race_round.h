// SPDX-License-Identifier: MIT
// race_round(): what follows from a block for those that come: which cells run on, and whether any block follows. A pure
// function of the trials until then, so that a resumed sweep decides as it did before. It looks at every choice that
// recommend() will make: of each CPU state, of the shipped strategy, with and without cells that met a mock off target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/result.h"

namespace depthfinder {

struct RaceRound {
  std::vector<RacingDecision> decisions;  // of this block, for SweepResult::racing
  bool stopped = false;                   // the last decision says why
  // Of the host's own state, where it has a candidate: for people, and for what is decided elsewhere.
  std::string pick_id;
  std::optional<double> confidence;  // the least over all choices
  int blocks_needed = 0;             // the most over all choices
  double detectable_effect = 0;      // likewise
};

// After `block`, whose trials are all made; later trials and decisions in `result` are not looked at. Nothing is decided
// before the pilot is complete. `may_stop` is false where the number of blocks is fixed.
RaceRound race_round(const SweepResult& result, int block, bool may_stop = true);

// The cells that run in `block`: not those dropped before it.
std::vector<const Cell*> cells_alive(const SweepResult& result, int block);

}  // namespace depthfinder
