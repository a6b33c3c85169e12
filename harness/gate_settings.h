// SPDX-License-Identifier: MIT
// Which setting of a scenario a gate runs: upstream's default, or what is asked for in words such as "depth=8 threads=2".
// Stateless; any thread.
#pragma once

#include <string>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Upstream's default (spawned, depth 16, 4 threads) where the scenario has that cell and this host can run it, else the
// first that it can. Errors: bad_input, when there is none.
Result<Cell> default_gate_cell(const Scenario& scenario, const HostInfo& host);

// `cell` with what `text` changes: KEY=VALUE pairs between blanks or commas, keys and values as in a scenario's axes; or
// the id of one of the scenario's cells, which takes its place. Errors: bad_input.
Result<Cell> changed_cell(const Scenario& scenario, const Cell& cell, const std::string& text);

}  // namespace depthfinder
