// SPDX-License-Identifier: MIT
// Reads JSON that may be hostile: keys given twice, deep nesting and numbers out of range are refused, and a
// schema says which keys there are. The exceptions of the JSON libraries end here. Stateless; any thread.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"

namespace depthfinder {

// `where` names the text in messages. Errors: bad_input, with line and column.
Result<nlohmann::json> parse_strict_json(std::string_view text, std::string_view where);

// Checks against a JSON Schema (draft 7), which must itself be valid. The message names the place and the
// key. Errors: bad_input.
Result<void> check_schema(const nlohmann::json& document, std::string_view schema_text,
                          std::string_view where);

}  // namespace depthfinder
