// SPDX-License-Identifier: MIT
// Results of older versions as the next one writes them. What a version could not vary has its default, and what it did
// not measure is 0, empty or absent. It checks nothing: the schema of this version judges what comes out. Pure; any
// thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace depthfinder {

inline constexpr int kOldestResultSchemaVersion = 2;

// `document` is an object with "schema_version": 2; whatever else it holds may be hostile.
void upgrade_version_2(nlohmann::json& document);

// Likewise from 3, which knew neither races nor real servers.
void upgrade_version_3(nlohmann::json& document);

// Likewise from 4, which had no timelines.
void upgrade_version_4(nlohmann::json& document);

}  // namespace depthfinder
