// SPDX-License-Identifier: MIT
// The profiles that a sweep's trials look for: one per CPU mask, measured before the trials where none is kept
// (profile/stored_profile.h), so that each trial's CPU time can be held against the floor.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "restore_core/base/result.h"
#include "scenarios/cell.h"

namespace depthfinder {

// About a second for each mask without one; nothing where there is no cache directory. A profile that cannot be measured
// costs the floor and no more: `warn` is told. Errors: cancelled.
Result<void> ensure_profiles(const std::vector<Cell>& cells,
                             const std::function<void(const std::string&)>& warn,
                             const std::stop_token& stop);

}  // namespace depthfinder
