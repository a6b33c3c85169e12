// SPDX-License-Identifier: MIT
// What limits one cell, read off its measured stage clocks, CPU times and wire bytes. Pure; any thread.
#pragma once

#include <span>

#include "reports/cell_summary.h"
#include "reports/recommend.h"

namespace depthfinder {

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
