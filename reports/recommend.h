// SPDX-License-Identifier: MIT
// recommend(): which cell to use, by the point rule (METHOD.md section 3), and why. A pure function of the
// result: the resampling is seeded, so the same file gives the same bytes on any host. It never guesses:
// without valid trials it is an error. Cells that find their own setting are compared, never recommended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/auto_depth.h"
#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct Limit {
  std::string kind;  // mock, link, hash, decompress, decrypt, crc, transport, writer, cpu, latency, unknown
  std::string text;  // the same in words, with the numbers that show it
};

struct RejectedCell {
  Cell cell;
  double throughput_mib_per_s = 0;  // median over blocks
  double share_of_best = 0;         // exp(mean over blocks of ln X - ln X(best))
  std::string reason;
};

// The choice among one set of cells.
struct Pick {
  Cell cell;
  double throughput_mib_per_s = 0;  // median over blocks
  double share_of_best = 0;
  double cpu_s_per_gib = 0;
  Cell best;  // the fastest cell of the set
  double best_throughput_mib_per_s = 0;
  std::optional<double>
      confidence;  // share of block-bootstrap resamples with the same pick; absent: one block only
  std::optional<Cell> certified;  // absent: too few blocks to certify any
  // Median over blocks of the bystander's time beside the restore over its time alone; absent: not measured.
  std::optional<double> bystander_p50, bystander_p99, bystander_p999;
  std::optional<double>
      n_star;  // X_best / X(1): chunks in flight that the best rate needs; absent without depth 1
  Limit limit;
  std::string reason;
  std::vector<RejectedCell> rejected;     // neighbours on the axes, then the fastest cell, with why they lost
  std::vector<std::string> would_change;  // what would change this choice
};

struct Recommendation {
  std::string scenario;
  Pick
      headline;  // among the cells of the host's own CPU state: SHA-NI on and all vectors, where the axes have it
  // Among the "spawned" cells of that state, where the headline's strategy is another: what the two variables
  // of pbs-restore can be set to.
  std::optional<Pick> shipped;
  std::optional<Pick> other_sha_ni;    // among the cells of the other SHA-NI state, where the axes have it
  std::vector<Pick> other_cpus;        // among those of each further state, with narrower vectors
  std::vector<AutoSummary> automatic;  // cells that find their own setting: no candidates, but compared
  // Why the verdict rests on cells that met a mock off target: had they counted, one of them would be the pick,
  // the fastest cell or the shipped pick. The picks above are then the best of what is left, and not to be
  // trusted.
  std::vector<std::string> off_target_reasons;
  std::optional<BystanderBudget> bystander_budget;  // that the choice kept to
  std::vector<std::string> warnings;  // incomplete sweep, trials left out, mock off target or the limit

  [[nodiscard]] bool rests_on_off_target() const { return !off_target_reasons.empty(); }
};

// Errors: bad_input (no cell has a valid trial and a mock on target).
Result<Recommendation> recommend(const SweepResult& result);

// "PBS_RESTORE_FETCH_CONCURRENCY=16 PBS_RESTORE_MAX_THREADS=4", of the shipped pick where there is one.
std::string setting_line(const Recommendation& recommendation);

// One line: why the recommendation is not to be trusted, and what to do. Empty when it is.
std::string distrust_line(const Recommendation& recommendation);

std::string recommendation_json(const Recommendation& recommendation);
std::string recommendation_text(const Recommendation& recommendation);

}  // namespace depthfinder
