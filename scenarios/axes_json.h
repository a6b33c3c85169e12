// SPDX-License-Identifier: MIT
// The axes of a scenario file: from JSON that the schema has let pass, and back. Stateless; any thread. Which cells they
// make is in scenario.h.
#pragma once

#include <nlohmann/json.hpp>

#include "restore_core/base/result.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// Errors: bad_input, for sizes that are out of range and for what the strategies named cannot do.
Result<Axes> read_axes(const nlohmann::json& object);

// The five axes that every file has had, and of the others those that are not the default, so that the text of a
// scenario, which is hashed, stays what it was before an axis came.
nlohmann::ordered_json axes_json(const Axes& axes);

}  // namespace depthfinder
