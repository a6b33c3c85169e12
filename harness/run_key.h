// SPDX-License-Identifier: MIT
// The key of one run's encrypted image: made for it, without a password, and gone with its directory.
#pragma once

#include <filesystem>

#include "restore_core/base/result.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// The path of a key file below `directory`; empty for a scenario without encryption. Errors: io.
Result<std::filesystem::path> run_key_file(const Scenario& scenario, const std::filesystem::path& directory);

}  // namespace depthfinder
