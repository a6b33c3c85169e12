// SPDX-License-Identifier: MIT
// RecordedTime from and to text: percentiles as a JSON object, files of them, and latency traces. Also the waits of a
// trace for a replay. Stateless; any thread. It reads files when asked to and writes none.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"
#include "scenarios/latency_trace.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// {"0": "1ms", "50": "5ms", "100": "40ms"}: percents rising from 0 to 100, durations never falling. Errors: bad_input.
Result<RecordedTime> parse_percentiles(const nlohmann::json& object);

// The same, read back to the same value.
nlohmann::ordered_json percentiles_json(const RecordedTime& recorded);

// The distribution of the first-byte waits of a trace with at least one request: every half per cent, finer towards 100.
RecordedTime recorded_time_of(const LatencyTrace& trace);

// FILE of "recorded:FILE": {"schema": "depthfinder-percentiles", "percentiles": {...}} or a latency trace; relative to
// `base_directory`, refused where that is empty. Errors: bad_input, not_found, io.
Result<RecordedTime> read_recorded_time(std::string_view file, const std::filesystem::path& base_directory);

// The first-byte waits of a latency trace, in order. Errors: bad_input, not_found, io.
Result<std::vector<Nanoseconds>> read_replay(std::string_view file,
                                             const std::filesystem::path& base_directory);

}  // namespace depthfinder
