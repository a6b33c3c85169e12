// SPDX-License-Identifier: MIT
// ServerSpec from and to JSON: the "server" object of a scenario, which the flags of `serve` spell in the same words
// (server_flags.h). The published schema comes first, so that an unknown key is an error; then what a schema cannot say.
// Stateless; any thread. It reads the files that the object names ("replay", "recorded:FILE").
#pragma once

#include <filesystem>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "restore_core/base/result.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// Files are relative to `base_directory`; where that is empty, naming one is refused. Messages begin with the place of
// the key, "server.storage.rate". Errors: bad_input, and not_found or io of a file.
Result<ServerSpec> parse_server_spec(const nlohmann::json& object,
                                     const std::filesystem::path& base_directory);

// What parse_server_spec reads back to the same value. What is absent stays so; of what is there every default is
// written, and what came from files stands inline.
nlohmann::ordered_json server_spec_json(const ServerSpec& server);

// "status", "reset", "stream-reset": the words of a fault's "kind".
std::string_view fault_kind_name(FaultKind kind);

}  // namespace depthfinder
