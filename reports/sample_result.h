// SPDX-License-Identifier: MIT
// Hand-made results for tests: every trial's rate is a function of its cell and block, everything else follows from it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "reports/result.h"

namespace depthfinder::sample {

// A scenario over 8 MiB images; `axes` is the JSON inside of "axes", `server` that of "server".
Scenario scenario(const std::string& axes, const std::string& server = "");

using Rate = std::function<double(const Cell& cell, int block)>;  // MiB/s; 0 or less: the trial failed
// A complete result. CPU time is 1 s per GiB and 0.5 s more without SHA-NI; the stages share it. The mock was on target.
SweepResult result(const Scenario& scenario, int blocks, const Rate& rate);

// One trial of the kind that result() makes.
Trial trial(const Scenario& scenario, const Cell& cell, int block, int position, double rate_mib_per_s);

// A small sweep that a 400 MB/s link limits from depth 4 up, with noise of about 1 %, one failed trial, and text that
// would be markup if it were not escaped. The first valid trial of each cell has a timeline.
SweepResult link_limited();

// The first requests of a trial of that cell: `depth` at a time behind the server's latency, one after the other over its
// link.
std::vector<ChunkTiming> timeline(const Scenario& scenario, const Cell& cell, std::size_t requests);

// A sweep with fixed depths beside cells that find theirs, each with a trace, a bystander beside every restore, and
// cells without SHA-NI and AVX-512.
SweepResult with_auto_and_bystander();

}  // namespace depthfinder::sample
