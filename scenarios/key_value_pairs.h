// SPDX-License-Identifier: MIT
// "servers=4,time=lognormal:5ms:0.5" -> {"servers": 4, "time": "lognormal:5ms:0.5"}: JSON objects as flags spell them.
// Stateless; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"

namespace depthfinder {

// Numbers and true/false become JSON's, everything else a string; so do the values of `text_keys`, whatever they look
// like (a digest of digits). Keys that are empty or given twice are refused. Errors: bad_input.
Result<nlohmann::json> object_from_pairs(std::string_view pairs, std::span<const std::string> text_keys = {});

}  // namespace depthfinder
