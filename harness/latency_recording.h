// SPDX-License-Identifier: MIT
// The file of `restore --record-latency`: refused before the network is touched where it cannot be written, and
// written whole once the restore is complete. Stateless; any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "restore_core/base/result.h"
#include "restore_core/client/latency_sample.h"
#include "scenarios/latency_trace.h"

namespace depthfinder {

// Proves that a file can be made beside `file`, by making one and removing it. `target` is where the image goes.
// Errors: bad_input (no file or its folder cannot be written to, or it is what the image is restored to).
Result<void> check_recording_file(const std::filesystem::path& file, const std::filesystem::path& target);

// Samples in order of sending. Times count from the first request, and within a request from its sending.
LatencyTrace latency_trace(const std::vector<LatencySample>& samples);

// Errors: io.
Result<void> write_recording(const std::filesystem::path& file, const std::vector<LatencySample>& samples);

}  // namespace depthfinder
