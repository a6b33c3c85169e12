// SPDX-License-Identifier: MIT
// Reads what a mock server says of one trial: its metrics (GET /depthfinder/metrics) as the audit, its request times
// (GET /depthfinder/requests) as the timeline. Pure functions of the text; the requests are MockProcess's.
#pragma once

#include <string_view>
#include <vector>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Takes what an audit holds and leaves the rest. Errors: protocol, naming the figure that is missing, negative
// or of another type.
Result<TrialAudit> parse_mock_metrics(std::string_view json_text);

// At most kTimelineRowsMax rows, in ms from the first arrival, rounded to 0.001. Errors: protocol, naming what is
// missing or of another type, and where there is no row, or earlier requests may be missing.
Result<std::vector<ChunkTiming>> parse_mock_timeline(std::string_view json_text);

}  // namespace depthfinder
