// SPDX-License-Identifier: MIT
#include "reports/regret_baselines.h"

#include <algorithm>
#include <cstdlib>

#include "reports/field.h"

namespace depthfinder::regret {
namespace {

// Nothing but strategy, depth, threads and the CPU's state differs from the default.
bool is_plain(const Cell& cell) {
  Cell plain;
  plain.id = cell.id;
  plain.strategy = cell.strategy;
  plain.depth = cell.depth;
  plain.threads = cell.threads;
  plain.sha_ni = cell.sha_ni;
  plain.vectors = cell.vectors;
  return plain == cell;
}

}  // namespace

int half_the_cores(int logical_cpus) { return std::clamp(logical_cpus / 2, 2, 16); }

Found find_baseline(const Baseline& baseline, const Measured& result) {
  const int depth = baseline.depth > 0 ? baseline.depth : half_the_cores(result.logical_cpus);
  const int threads = baseline.threads > 0 ? baseline.threads : depth;
  Found found;
  for (const Rates& rates : result.cells) {
    const Cell& cell = rates.cell;
    if (cell.strategy != kShippedStrategy || cell.depth != depth || !is_plain(cell)) continue;
    if (found.rates && std::abs(found.rates->cell.threads - threads) <= std::abs(cell.threads - threads))
      continue;
    found = {&rates, cell.threads == threads};
  }
  return found;
}

}  // namespace depthfinder::regret
