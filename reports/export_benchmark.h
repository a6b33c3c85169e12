// SPDX-License-Identifier: MIT
// Results in the JSON shape of Google Benchmark, so that its compare tool and what else reads that shape can read them:
// a benchmark for each cell, a repetition for each valid trial, and the usual aggregates. Pure; byte-identical on any
// host. Trials that failed and cells off target are left out.
#pragma once

#include <span>
#include <string>

#include "reports/result.h"

namespace depthfinder {

// `results` must not be empty. The context is that of the first.
std::string benchmark_json(std::span<const SweepResult> results);

}  // namespace depthfinder
