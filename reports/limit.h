// SPDX-License-Identifier: MIT
// What limits one cell, read off its measured stage clocks, CPU times and wire bytes. Pure; any thread.
#pragma once

#include <span>

#include "reports/cell_summary.h"
#include "reports/recommend.h"

namespace depthfinder {

// How much of what it could give each resource gave, 0 to 1, over the cell's valid trials.
struct Utilisation {
  double link = 0;       // wire bytes per second over the link's rate; 0 without a rate
  double decode = 0;     // of the decoding threads' time; the consumer's, writing included, without workers
  double transport = 0;  // of the receiving thread's time
  double writer = 0;     // of the writing thread's time
  double cpu = 0;        // of all cores, restore and mock together
  double latency = 0;    // of depth / answer time
  double mock = 0;       // of the time of the mock's busiest connection thread, the median trial's
};
Utilisation utilisation_of(const SweepResult& result, const CellSummary& cell);

// "hash-bound: 94 % of the decode threads' time is SHA-256; with SHA-NI the restore was 2.1 times as fast" where
// decoding is the limit, else the limit's own words.
std::string bottleneck_words(const SweepResult& result, std::span<const CellSummary> summaries,
                             const CellSummary& cell, const Limit& limit);

// `summaries` are all cells with valid trials: those at other depths tell whether more depth would help, the
// one with the other SHA-NI state what the SHA extensions do.
Limit find_limit(const SweepResult& result, std::span<const CellSummary> summaries, const CellSummary& cell);

// What a chunk's answer takes, apart from the link: the median that the time model wanted in the cell's trials,
// and no less than the latency of the scenario.
Nanoseconds answer_time(const CellSummary& cell, const ServerSpec& server);

// Time of the hash stage per GiB without the SHA extensions over that with them, at the settings of `cell`;
// absent when one of the two was not measured.
std::optional<double> sha_ni_gain(std::span<const CellSummary> summaries, const CellSummary& cell);

}  // namespace depthfinder
