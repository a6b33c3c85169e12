// SPDX-License-Identifier: MIT
// Was the latency that the mock served the latency that was asked for? A pure function (method.md, section
// 1).
#pragma once

#include "harness/mock_process.h"
#include "reports/result.h"

namespace depthfinder {

// On target: the median within max(2 %, 0.1 ms) of what was asked, p99 within max(5 %, 0.5 ms).
BlockAudit audit_block(int block, const MockMetrics& metrics);

}  // namespace depthfinder
