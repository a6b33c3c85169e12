// SPDX-License-Identifier: MIT
// Reads scenario files strictly: the published schema (schema/scenario.schema.json) first, so that an unknown
// key is an error, then what a schema cannot say. The shipped scenarios are part of the program, so that
// their names work from anywhere. Stateless; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// `where` names the text in messages: a path or "scenario quickstart". Files that the server's description names are
// relative to `base_directory`, and refused where that is empty. Errors: bad_input; not_found and io of such files.
Result<Scenario> parse_scenario(std::string_view json_text, std::string_view where,
                                const std::filesystem::path& base_directory = {});

// A shipped scenario's name, or a path (anything with '/' or ending in ".json"). Errors: bad_input,
// not_found, io.
Result<Scenario> load_scenario(const std::string& path_or_name);

// Names of the shipped scenarios, sorted.
std::vector<std::string_view> shipped_scenario_names();

// The scenario with its defaults written out (server_spec_json says which of a server's); parse_scenario reads it back to the same value. The same text
// for the same scenario on every host: hash this.
std::string scenario_json(const Scenario& scenario);

}  // namespace depthfinder
