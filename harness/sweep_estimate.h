// SPDX-License-Identifier: MIT
// How long a sweep may take: guessed before it begins, and measured while it runs. Rough figures for people, never stored.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "restore_core/base/clock.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// Every cell in so many blocks, against the mock.
Nanoseconds expected_duration(const Scenario& scenario, const std::vector<Cell>& cells, int blocks);

struct DurationRange {
  Nanoseconds least{0}, most{0};
};
// A race: at least the pilot and two blocks of two cells, at most every cell in every block.
DurationRange expected_race(const Scenario& scenario, const std::vector<Cell>& cells, int blocks);

// The time that trials took in this run, cell by cell, and what the cells to come may therefore take.
class TrialTimes {
 public:
  void add_trial(const std::string& cell_id, Nanoseconds took);
  void add_block_overhead(Nanoseconds took) { overhead_ = took; }
  // One block of these cells; a cell not seen yet takes the mean of all. Nothing before the first trial.
  [[nodiscard]] std::optional<Nanoseconds> block_of(std::span<const Cell* const> cells) const;

 private:
  std::map<std::string, Nanoseconds> latest_;
  Nanoseconds total_{0}, overhead_{0};
  std::size_t trials_ = 0;
};

}  // namespace depthfinder
