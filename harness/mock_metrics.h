// SPDX-License-Identifier: MIT
// Reads the metrics that a mock server answers with (GET /depthfinder/metrics) as the audit of one trial. A
// pure function of the text; the request is MockProcess's.
#pragma once

#include <string_view>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Takes what an audit holds and leaves the rest. Errors: protocol, naming the figure that is missing, negative
// or of another type.
Result<TrialAudit> parse_mock_metrics(std::string_view json_text);

}  // namespace depthfinder
