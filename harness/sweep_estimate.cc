// SPDX-License-Identifier: MIT
#include "harness/sweep_estimate.h"

#include <algorithm>

#include "reports/racing.h"

namespace depthfinder {
namespace {

constexpr double kTrialOverheadS = 0.08;                // process start, connection, manifest
constexpr double kBlockOverheadS = 0.6;                 // the mock makes its image
constexpr double kBystanderAloneS = 1;                  // it is measured alone before each restore
constexpr int kDepthOfAuto = 8;                         // a guess, on its way up from 2
constexpr double kRestoreBytesPerS = 600.0 * 0x1.0p20;  // a modest host
constexpr std::size_t kCellsAtLeast = 2;                // the pick and the fastest
constexpr int kBlocksAtLeast = 5;                       // of a race that is sure of its choice

double trial_s(const Scenario& scenario, const Cell& cell) {
  const double bytes = static_cast<double>(scenario.image.size_bytes) * (1 - scenario.image.zeros);
  const double chunks = bytes / 0x1.0p22;
  const double wire_s = scenario.server.rate_bytes_per_s > 0
                            ? bytes / scenario.image.compress / scenario.server.rate_bytes_per_s
                            : 0;
  const int depth = cell.depth == kAuto ? kDepthOfAuto : cell.depth;
  const double waiting_s = chunks * to_seconds(scenario.server.latency) / depth;
  const double working_s =
      std::max(bytes / kRestoreBytesPerS * (cell.sha_ni == ShaNi::off ? 1.4 : 1.0), wire_s);
  const double alone_s = scenario.bystander.empty() ? 0 : kBystanderAloneS;
  return alone_s + kTrialOverheadS + (depth == 1 ? waiting_s + working_s : std::max(waiting_s, working_s));
}

std::vector<double> trials_s(const Scenario& scenario, const std::vector<Cell>& cells) {
  std::vector<double> seconds;
  for (const Cell& cell : cells) seconds.push_back(trial_s(scenario, cell));
  return seconds;
}

double sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

}  // namespace

Nanoseconds expected_duration(const Scenario& scenario, const std::vector<Cell>& cells, int blocks) {
  return from_seconds((kBlockOverheadS + sum(trials_s(scenario, cells))) * blocks);
}

DurationRange expected_race(const Scenario& scenario, const std::vector<Cell>& cells, int blocks) {
  std::vector<double> seconds = trials_s(scenario, cells);
  const double block_s = kBlockOverheadS + sum(seconds);
  std::sort(seconds.begin(), seconds.end());
  const double few_s =
      kBlockOverheadS + sum(std::span(seconds).first(std::min(kCellsAtLeast, seconds.size())));
  const int pilot = std::min(blocks, kPilotBlocks);
  const int further = std::min(blocks, kBlocksAtLeast) - pilot;
  return {from_seconds(block_s * pilot + few_s * further), from_seconds(block_s * blocks)};
}

void TrialTimes::add_trial(const std::string& cell_id, Nanoseconds took) {
  latest_[cell_id] = took;
  total_ += took;
  ++trials_;
}

std::optional<Nanoseconds> TrialTimes::block_of(std::span<const Cell* const> cells) const {
  if (trials_ == 0) return std::nullopt;
  Nanoseconds expected = overhead_;
  for (const Cell* cell : cells) {
    const auto seen = latest_.find(cell->id);
    expected += seen != latest_.end() ? seen->second : total_ / static_cast<std::int64_t>(trials_);
  }
  return expected;
}

}  // namespace depthfinder
