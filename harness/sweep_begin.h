// SPDX-License-Identifier: MIT
// The result that a sweep starts from: a new one, or the one it goes on with. Used by sweep_runner.h only.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/sweep_runner.h"
#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// With --resume the stored one, if it is the same experiment; its race is run again from its trials. Else a new one; what
// was in `file` is kept beside it. Errors: bad_input, not_found, io.
Result<SweepResult> begin_result(const SweepOptions& options, const std::filesystem::path& file);

}  // namespace depthfinder
