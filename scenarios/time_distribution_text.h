// SPDX-License-Identifier: MIT
// Distributions of a duration as text: "5ms" (constant), "uniform:MIN:MAX", "exponential:MEAN", "lognormal:MEDIAN:SIGMA",
// "pareto:MIN:MAX:ALPHA", "recorded:FILE", or an object percent -> duration ({"0": "1ms", "50": "5ms", "100": "40ms"}).
// Stateless; any thread. How values are drawn is the mock's business (mock_server/model).
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// A string or an object, as the schema lets pass. Files are relative to `base_directory`; where that is empty they are
// refused. Errors: bad_input, and those of the file.
Result<TimeDistribution> parse_time_distribution(const nlohmann::json& value,
                                                 const std::filesystem::path& base_directory);

// Read back to the same value; recorded ones inline.
nlohmann::ordered_json time_distribution_json(const TimeDistribution& distribution);

}  // namespace depthfinder
