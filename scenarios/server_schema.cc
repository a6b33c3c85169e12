// SPDX-License-Identifier: MIT
#include "scenarios/server_schema.h"

#include <algorithm>
#include <span>

#include <nlohmann/json.hpp>

#include "scenarios/embedded_file.h"
#include "scenarios/strict_json.h"

namespace depthfinder {

std::span<const EmbeddedFile> scenario_schema_files();  // made by embed.cmake

namespace {

using nlohmann::json;

json scenario_schema() { return json::parse(scenario_schema_files().front().text); }

}  // namespace

Result<void> check_server_schema(const json& server) {
  json schema = scenario_schema();
  schema["required"] = {"server"};
  schema["properties"] = {{"server", {{"$ref", "#/definitions/server"}}}};
  return check_schema({{"server", server}}, schema.dump(), "the server's description");
}

std::vector<std::string> text_keys_of(std::string_view name) {
  std::vector<std::string> keys;
  const json definition = scenario_schema().at("definitions").at(std::string(name));
  for (const auto& [key, schema] : definition.at("properties").items()) {
    const json type = schema.value("type", json("string"));
    if (type == "string" || (type.is_array() && std::find(type.begin(), type.end(), "string") != type.end()))
      keys.push_back(key);
  }
  return keys;
}

}  // namespace depthfinder
