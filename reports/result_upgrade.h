// SPDX-License-Identifier: MIT
// Results of version 2 as version 3 writes them. What that version could not vary has its default, and what it did not
// measure is 0, empty or absent. It checks nothing: the schema of version 3 judges what comes out. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace depthfinder {

inline constexpr int kOldestResultSchemaVersion = 2;

// `document` is an object with "schema_version": 2; whatever else it holds may be hostile.
void upgrade_version_2(nlohmann::json& document);

}  // namespace depthfinder
