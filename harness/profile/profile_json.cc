// SPDX-License-Identifier: MIT
#include "harness/profile/profile_json.h"

#include <algorithm>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include "harness/profile/floor.h"
#include "reports/result_fields.h"
#include "restore_core/base/check.h"
#include "restore_core/base/file.h"
#include "scenarios/strict_json.h"

namespace depthfinder {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchemaName = "depthfinder-profile";
constexpr std::uint64_t kProfileFileBytesMax = 1 << 20;

Json host_json(HostInfo host) {
  Json json = Json::object();
  const auto write = [&json](const char* key, const auto& value) { json[key] = value; };
  result_fields::visit(write, host);
  return json;
}

Json stage_json(const StageCost& stage) {
  Json json = {{"stage", stage_kind_name(stage.kind)},
               {"ns_per_byte", stage.ns_per_byte},
               {"gb_per_s", 1 / stage.ns_per_byte},
               {"spread_ratio", stage.spread_ratio}};
  if (stage.compression_ratio) json["compression_ratio"] = *stage.compression_ratio;
  if (!stage.kernel.empty()) json.update({{"kernel", stage.kernel}, {"lanes", stage.lanes}});
  json["note"] = stage.note;
  return json;
}

Json kernels_json(const Profile& profile) {
  Json kernels = Json::array();
  for (const StageCost& stage : profile.stages)
    if (stage.kind == StageKind::sha256) kernels.push_back(stage.kernel);
  return kernels;
}

// Exactly these keys, but for the optional ones. Error: bad_input.
Result<void> check_keys(const nlohmann::json& object, std::string_view where,
                        std::initializer_list<std::string_view> required,
                        std::initializer_list<std::string_view> optional = {}) {
  if (!object.is_object()) return fail(ErrorKind::bad_input, "{} is no object", where);
  const auto in = [](const auto& keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const auto& [key, value] : object.items())
    if (!in(required, key) && !in(optional, key))
      return fail(ErrorKind::bad_input, "{} has the unknown key \"{}\"", where, key);
  for (const std::string_view key : required)
    if (!object.contains(key)) return fail(ErrorKind::bad_input, "{} has no \"{}\"", where, key);
  return {};
}

Result<HostInfo> read_host(const nlohmann::json& json, std::string_view where) {
  DF_TRY(check_keys(json, where,
                    {"cpu_model", "logical_cpus", "memory_bytes", "kernel", "cpu_flags",
                     "openssl_cpu_settings", "load_average_1m", "virtualisation", "governor"}));
  HostInfo host;
  const auto read = [&json](const char* key, auto& value) { json.at(key).get_to(value); };
  result_fields::visit(read, host);
  return host;
}

Result<StageCost> read_stage(const nlohmann::json& json, std::string_view where) {
  DF_TRY(check_keys(json, where, {"stage", "ns_per_byte", "gb_per_s", "spread_ratio", "note"},
                    {"compression_ratio", "kernel", "lanes"}));
  StageCost stage;
  const auto name = json.at("stage").get<std::string>();
  const auto* const kind = std::find_if(std::begin(kStageKinds), std::end(kStageKinds),
                                        [&](StageKind each) { return stage_kind_name(each) == name; });
  if (kind == std::end(kStageKinds))
    return fail(ErrorKind::bad_input, "{} has the unknown stage \"{}\"", where, name);
  stage.kind = *kind;
  json.at("ns_per_byte").get_to(stage.ns_per_byte);
  json.at("spread_ratio").get_to(stage.spread_ratio);
  json.at("note").get_to(stage.note);
  if (json.contains("compression_ratio"))
    stage.compression_ratio = json.at("compression_ratio").get<double>();
  if (json.contains("kernel")) json.at("kernel").get_to(stage.kernel);
  if (json.contains("lanes")) json.at("lanes").get_to(stage.lanes);
  return stage;
}

Result<void> check_version(const nlohmann::json& json, std::string_view where) {
  if (!json.is_object() || json.value("schema", nlohmann::json()) != kSchemaName)
    return fail(ErrorKind::bad_input, "{} is no profile: \"schema\" is not \"{}\"", where, kSchemaName);
  if (json.value("schema_version", nlohmann::json()) != kProfileSchemaVersion)
    return fail(ErrorKind::bad_input, "{} has not schema_version {}: measure again with depthfinder profile",
                where, kProfileSchemaVersion);
  return {};
}

// Throws the JSON library's exceptions where a value has the wrong type.
Result<Profile> read_document(const nlohmann::json& json, std::string_view where) {
  DF_TRY(check_version(json, where));
  DF_TRY(check_keys(
      json, where,
      {"schema", "schema_version", "tool_version", "effort", "rounds", "seed", "cold_bytes", "chunk_bytes",
       "host", "sha256_kernels", "best_sha256_kernel", "stages", "cpu_floor_ns_per_byte"}));
  Profile profile;
  json.at("tool_version").get_to(profile.tool_version);
  const auto effort = json.at("effort").get<std::string>();
  if (effort != "full" && effort != "quick")
    return fail(ErrorKind::bad_input, "{} has the unknown effort \"{}\"", where, effort);
  profile.quick = effort == "quick";
  json.at("rounds").get_to(profile.rounds);
  json.at("seed").get_to(profile.seed);
  json.at("cold_bytes").get_to(profile.cold_bytes);
  if (json.at("chunk_bytes") != kProfileChunkBytes)
    return fail(ErrorKind::bad_input, "{} was measured with chunks of another size", where);
  DF_ASSIGN(profile.host, read_host(json.at("host"), fmt::format("{}: host", where)));
  for (const nlohmann::json& each : json.at("stages")) {
    DF_ASSIGN(StageCost stage, read_stage(each, fmt::format("{}: stages", where)));
    profile.stages.push_back(std::move(stage));
  }
  if (const auto checked = check_profile(profile); !checked) return pass_on(checked.error(), where);
  return profile;
}

}  // namespace

std::string profile_json(const Profile& profile) {
  Json stages = Json::array(), floor = Json::object();
  for (const StageCost& stage : profile.stages) stages.push_back(stage_json(stage));
  for (const FloorCase& each : floor_cases(profile)) floor[each.key] = each.ns_per_byte;
  const Json json = {{"schema", kSchemaName},
                     {"schema_version", kProfileSchemaVersion},
                     {"tool_version", profile.tool_version},
                     {"effort", profile.quick ? "quick" : "full"},
                     {"rounds", profile.rounds},
                     {"seed", profile.seed},
                     {"cold_bytes", profile.cold_bytes},
                     {"chunk_bytes", kProfileChunkBytes},
                     {"host", host_json(profile.host)},
                     {"sha256_kernels", kernels_json(profile)},
                     {"best_sha256_kernel", best_sha256(profile).kernel},
                     {"stages", std::move(stages)},
                     {"cpu_floor_ns_per_byte", std::move(floor)}};
  return json.dump(2);
}

Result<Profile> parse_profile(std::string_view json, std::string_view where) {
  DF_ASSIGN(const nlohmann::json document, parse_strict_json(json, where));
  try {
    return read_document(document, where);
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::bad_input, "{} is no profile: {}", where, error.what());
  }
}

Result<Profile> read_profile(const std::filesystem::path& path) {
  DF_ASSIGN(const Bytes bytes, read_file(path, kProfileFileBytesMax));
  return parse_profile(as_text(bytes), path.string());
}

}  // namespace depthfinder
