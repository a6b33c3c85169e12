// SPDX-License-Identifier: MIT
// The results that a command was given: files with one result each, or with several that `merge` put together. They
// come in one order, whatever the order of the arguments. It writes nothing.
#pragma once

#include <string>
#include <vector>

#include "reports/merge.h"

namespace depthfinder {

// Errors: not_found, io, bad_input (no result, a directory, or two of the same sweep).
Result<std::vector<StoredResult>> read_result_files(const std::vector<std::string>& paths);

// Without their documents.
Result<std::vector<SweepResult>> read_sweep_results(const std::vector<std::string>& paths);

}  // namespace depthfinder
