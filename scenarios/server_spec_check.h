// SPDX-License-Identifier: MIT
// What the parts of a ServerSpec must be to each other; the ranges of single values are the schema's. Pure.
#pragma once

#include "restore_core/base/result.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// Errors: bad_input, with the key in front.
Result<void> check_server_spec(const ServerSpec& server);

}  // namespace depthfinder
