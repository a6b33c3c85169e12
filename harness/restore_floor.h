// SPDX-License-Identifier: MIT
// The floor of one restore: what its unavoidable work costs on this host in CPU time (profile/floor.h).
#pragma once

#include <optional>
#include <stop_token>

#include "restore_core/engine/restore_engine.h"

namespace depthfinder {

// Where the profile comes from.
enum class FloorSource {
  measured,  // the stored one, else a quick one is measured (about a second) and stored
  stored,    // the stored one or none
};

// `encrypted` and `to_file` are of the images restored. Nothing where there is no profile, or measuring it fails: the
// restore is done, and a figure beside it is no reason to call it failed.
std::optional<double> restore_floor_s(const RestoreStats& stats, bool encrypted, bool to_file,
                                      FloorSource source, const std::stop_token& stop);

}  // namespace depthfinder
