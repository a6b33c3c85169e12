// SPDX-License-Identifier: MIT
// CellSummary: the valid trials of one cell, their audit, and what follows from them. Points into the
// SweepResult that it was made from, which must outlive it. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "reports/audit.h"
#include "reports/result.h"
#include "reports/statistics.h"

namespace depthfinder {

struct CellSummary {
  Cell cell;
  std::map<int, const TrialMetrics*> trials;  // by block; outcome ok only, never empty
  CellAudit audit;                            // of the mock, over the same trials

  [[nodiscard]] double throughput_mib_per_s() const;   // median over blocks
  [[nodiscard]] double cpu_s_per_gib() const;          // median over blocks; user and system, per logical GiB
  [[nodiscard]] std::uint64_t peak_rss_bytes() const;  // the largest

  // Sums over the trials, for shares of time.
  [[nodiscard]] double duration_s() const;
  [[nodiscard]] double logical_gib() const;
  [[nodiscard]] double wire_bytes() const;
  [[nodiscard]] StageTimes stages() const;
};

double cpu_s_per_gib(const TrialMetrics& metrics);

// Of a figure of the trials; no cell has none.
double median_over_blocks(const CellSummary& summary, double (*figure)(const TrialMetrics&));

// CPU seconds (wall seconds for the write) of one stage per logical GiB.
double stage_s_per_gib(const CellSummary& summary, StageTime StageTimes::*stage);

// The cells that have valid trials and met a mock on target, in the result's order.
std::vector<CellSummary> summarise_cells(const SweepResult& result);

// The same with the cells that were off target: for what a verdict would be if they counted, never for the
// verdict.
std::vector<CellSummary> summarise_all_cells(const SweepResult& result);

// Blocks that were begun: by their orders, or by the trials where a file has more of these.
int blocks_of(const SweepResult& result);

// Of the resampling of a cell's figures, made from its id.
std::uint64_t seed_of(const Cell& cell);

// 95 % interval of the median throughput over blocks; the seed is the cell's own, so that adding a cell
// changes no other.
Interval throughput_interval(const CellSummary& summary);

// The stages in the order of their work, with their names.
struct NamedStage {
  const char* name;
  StageTime StageTimes::*stage;
};
inline constexpr NamedStage kStages[] = {
    {"receive", &StageTimes::receive},       {"crc", &StageTimes::crc},   {"decrypt", &StageTimes::decrypt},
    {"decompress", &StageTimes::decompress}, {"hash", &StageTimes::hash}, {"write", &StageTimes::write}};

}  // namespace depthfinder
