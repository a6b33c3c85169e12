// SPDX-License-Identifier: MIT
// result.json <-> SweepResult (schema/result.schema.json; older versions are read too, by result_upgrade.h). Reading is
// strict, since results travel between hosts: unknown keys, other versions, numbers that are not finite or out of range, and cells or
// blocks that do not belong together are refused with a message that says where. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Errors: bad_input, when a number is not finite (JSON has no such number).
Result<std::string> to_json(const SweepResult& result);

// `where` names the text in messages, usually its path. Errors: bad_input.
Result<SweepResult> from_json(std::string_view json_text, std::string_view where);

}  // namespace depthfinder
