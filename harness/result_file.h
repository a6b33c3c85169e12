// SPDX-License-Identifier: MIT
// result.json on disk: read whole and strictly, written atomically, so that an interrupted sweep loses at
// most a trial.
#pragma once

#include <filesystem>

#include "reports/result.h"
#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// The bytes of a file of results. Errors: not_found, io, bad_input (a directory, or beyond 256 MiB).
Result<Bytes> read_result_bytes(const std::filesystem::path& path);

// Errors: not_found, io, bad_input (not a result).
Result<SweepResult> read_result_file(const std::filesystem::path& path);
Result<void> write_result_file(const std::filesystem::path& path, const SweepResult& result);

}  // namespace depthfinder
