// SPDX-License-Identifier: MIT
// What a reader of a recommendation must know beside it: what was left out, and where the mock server was not
// what was asked for or held the restore back. A sentence each. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "reports/cell_summary.h"

namespace depthfinder {

// `all` are the cells with valid trials, on target or not.
std::vector<std::string> make_warnings(const SweepResult& result, std::span<const CellSummary> all);

}  // namespace depthfinder
