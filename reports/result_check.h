// SPDX-License-Identifier: MIT
// What a schema cannot say about a result: that its cells, trials and orders belong together. Pure;
// any thread.
#pragma once

#include <string_view>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Errors: bad_input, naming `where` and the part at fault.
Result<void> check_result(const SweepResult& result, std::string_view where);

// That figures of a valid trial can be compared. Errors: bad_input, naming `place`.
Result<void> check_metrics(const TrialMetrics& metrics, std::string_view place);

}  // namespace depthfinder
