// SPDX-License-Identifier: MIT
// One fault of a server's list, from and to JSON: {"kind": "stall", "for": "2s", "share": 0.01}. A fault without any
// condition, or with a key that its kind has no use for, is refused. Stateless; any thread.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// `place` stands in front of messages: "server.faults.0". The schema has been checked. Errors: bad_input.
Result<FaultSpec> parse_fault(const nlohmann::json& object, const std::string& place);

// Read back to the same value.
nlohmann::ordered_json fault_json(const FaultSpec& fault);

}  // namespace depthfinder
