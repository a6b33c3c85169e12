// SPDX-License-Identifier: MIT
// result.json on disk: read whole and strictly, written atomically, so that an interrupted sweep loses at
// most a trial.
#pragma once

#include <filesystem>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Errors: not_found, io, bad_input (not a result).
Result<SweepResult> read_result_file(const std::filesystem::path& path);
Result<void> write_result_file(const std::filesystem::path& path, const SweepResult& result);

}  // namespace depthfinder
