// SPDX-License-Identifier: MIT
// The server's part of the scenario schema by itself, for objects that come from flags. Stateless; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"

namespace depthfinder {

// Checks a "server" object; messages say "at server.storage". Errors: bad_input.
Result<void> check_server_schema(const nlohmann::json& server);

// The keys of the definition `name` ("storage", "fault") whose values are texts, even where they look like numbers.
std::vector<std::string> text_keys_of(std::string_view name);

}  // namespace depthfinder
