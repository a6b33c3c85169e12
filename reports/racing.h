// SPDX-License-Identifier: MIT
// The race on bare numbers: which cells of one field can still change its choice, and whether more blocks are worth
// making (METHOD.md). The pick and the best cell always run on, so that every later comparison has its reference. Pure and
// seeded; knows nothing of results or hosts (race_round.h does).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reports/point_rule.h"

namespace depthfinder {

inline constexpr int kPilotBlocks = 3;
// By how much more than the tolerated loss a cell must be slower before it is given up.
inline constexpr double kClearLoss = 0.01;

enum class Standing {
  contender,  // may yet be the pick, or the reference that decides it
  hopeless,   // proven slower than the rule tolerates
  outdone,    // costs more than the pick, which is proven within the tolerance of it and of the best
};

// Rate over the best cell's: exp of the mean log ratio, and of its one-sided 95 % bounds either way.
struct CellStanding {
  Standing standing = Standing::contender;
  double share = 0, share_low = 0, share_high = 0;
};

struct RaceStandings {
  RuleChoice choice;
  std::vector<CellStanding> cells;  // as the cells given; those dropped before are whatever they are
  double log_sd = 0;                // of the log ratios of one block, over the contenders
  int blocks_needed = 0;            // for kEffectWanted, with that spread (power.h)
  double detectable_effect = 0;     // by the blocks there are
};

// `choice` is point_rule()'s of the same cells. Needs two blocks.
RaceStandings race_standings(std::span<const RuleCell> cells, const RuleChoice& choice);

}  // namespace depthfinder
