// SPDX-License-Identifier: MIT
#include "scenarios/scenario_loader.h"

#include <span>

#include <nlohmann/json.hpp>

#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/axes_json.h"
#include "scenarios/embedded_file.h"
#include "scenarios/exact_units.h"
#include "scenarios/json_reader.h"
#include "scenarios/server_spec_loader.h"
#include "scenarios/strict_json.h"

namespace depthfinder {

// Made by embed.cmake.
std::span<const EmbeddedFile> shipped_scenario_files();
std::span<const EmbeddedFile> scenario_schema_files();

namespace {

using nlohmann::json;

constexpr std::uint64_t kFileBytesMax = 64ULL << 20;  // a replay may stand inline
constexpr std::string_view kExtension = ".json";

Result<void> read_image(const JsonReader& reader, ImageSpec& image) {
  DF_TRY(reader.bytes("size", image.size_bytes));
  reader.value("zeros", image.zeros);
  reader.value("duplicates", image.duplicates);
  reader.value("compress", image.compress);
  reader.value("seed", image.seed);
  reader.value("encrypt", image.encrypt);
  if (image.size_bytes == 0) return fail(ErrorKind::bad_input, "image.size must be more than 0");
  return {};
}

// The bounds let a restore that is being written to the target stop within a second.
Result<void> read_target(const JsonReader& reader, TargetSpec& target) {
  constexpr std::chrono::milliseconds kLatencyMax{500};
  constexpr double kTargetRateMin = 10e6;  // bytes per second
  DF_TRY(reader.duration("latency", target.latency));
  DF_TRY(reader.rate("rate", target.rate_bytes_per_s));
  if (target.latency > kLatencyMax) return reader.refuse("latency", "must be at most 500ms");
  if (target.rate_bytes_per_s != 0 && target.rate_bytes_per_s < kTargetRateMin)
    return reader.refuse("rate", "must be at least 10MB/s, or 0 for no limit");
  return {};
}

// {"kind": "both"} or {"command": "..."}
Result<std::string> read_bystander(const json& object) {
  if (object.contains("kind") == object.contains("command"))
    return fail(ErrorKind::bad_input, "bystander: give either a kind or a command");
  if (object.contains("kind")) return object.at("kind").get<std::string>();
  return parse_bystander_text(std::string(kBystanderCommand) + object.at("command").get<std::string>());
}

Result<void> read_bystander_keys(const json& document, Scenario& scenario) {
  if (document.contains("bystander")) {
    DF_ASSIGN(scenario.bystander, read_bystander(document.at("bystander")));
  }
  if (!document.contains("bystander_budget")) return {};
  DF_ASSIGN(scenario.bystander_budget,
            parse_bystander_budget(document.at("bystander_budget").get_ref<const std::string&>()));
  if (scenario.bystander.empty())
    return fail(ErrorKind::bad_input, "bystander_budget: there is no bystander to hold it against");
  return {};
}

Result<std::optional<Nanoseconds>> read_time_budget(const json& document) {
  if (!document.contains("time_budget")) return std::nullopt;
  const auto budget = parse_duration(document.at("time_budget").get<std::string>());
  if (!budget) return pass_on(budget.error(), "time_budget");
  return *budget;
}

Result<Scenario> read_scenario(const json& document, const std::filesystem::path& base_directory) {
  Scenario scenario;
  scenario.name = document.at("name");
  scenario.title = document.at("title");
  scenario.about = document.at("about");
  scenario.sources = document.value("sources", scenario.sources);
  DF_TRY(read_image(JsonReader(document.at("image"), "image"), scenario.image));
  DF_ASSIGN(scenario.server, parse_server_spec(document.at("server"), base_directory));
  if (document.contains("target"))
    DF_TRY(read_target(JsonReader(document.at("target"), "target"), scenario.target));
  DF_ASSIGN(scenario.axes, read_axes(document.at("axes")));
  const JsonReader top(document, "");
  top.value("blocks", scenario.blocks);
  top.value("seed", scenario.seed);
  DF_TRY(top.bytes("memory_budget", scenario.memory_budget_bytes));
  DF_ASSIGN(scenario.time_budget, read_time_budget(document));
  DF_TRY(read_bystander_keys(document, scenario));
  return scenario;
}

std::string stem(std::string_view file_name) {
  return std::string(file_name.substr(0, file_name.size() - kExtension.size()));
}

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(kExtension);
}

nlohmann::ordered_json image_json(const ImageSpec& image) {
  return {{"size", exact_bytes(image.size_bytes)},
          {"zeros", image.zeros},
          {"duplicates", image.duplicates},
          {"compress", image.compress},
          {"seed", image.seed},
          {"encrypt", image.encrypt}};
}

nlohmann::ordered_json target_json(const TargetSpec& target) {
  auto object = nlohmann::ordered_json::object();
  if (target.latency.count() > 0) object["latency"] = exact_duration(target.latency);
  if (target.rate_bytes_per_s > 0) object["rate"] = exact_rate(target.rate_bytes_per_s);
  return object;
}

nlohmann::ordered_json bystander_json(const std::string& bystander) {
  if (bystander.starts_with(kBystanderCommand))
    return {{"command", bystander.substr(kBystanderCommand.size())}};
  return {{"kind", bystander}};
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view json_text, std::string_view where,
                                const std::filesystem::path& base_directory) {
  DF_ASSIGN(const json document, parse_strict_json(json_text, where));
  DF_TRY(check_schema(document, scenario_schema_files().front().text, where));
  try {
    auto scenario = read_scenario(document, base_directory);
    if (!scenario) return pass_on(scenario.error(), where);
    return scenario;
  } catch (const std::exception& error) {  // a type that the schema lets pass and the value does not fit
    return fail(ErrorKind::bad_input, "{} cannot be read: {}", where, error.what());
  }
}

Result<Scenario> load_scenario(const std::string& path_or_name) {
  if (is_path(path_or_name)) {
    DF_ASSIGN(const Bytes text, read_file(path_or_name, kFileBytesMax));
    const std::filesystem::path directory = std::filesystem::path(path_or_name).parent_path();
    return parse_scenario(as_text(text), path_or_name, directory.empty() ? "." : directory);
  }
  std::string names;
  for (const EmbeddedFile& file : shipped_scenario_files()) {
    if (stem(file.name) == path_or_name) return parse_scenario(file.text, "scenario " + path_or_name);
    names += (names.empty() ? "" : ", ") + stem(file.name);
  }
  return fail(ErrorKind::bad_input,
              "there is no scenario '{}': shipped are {}; a file's path needs a '/' or ends in .json",
              path_or_name, names);
}

std::vector<std::string_view> shipped_scenario_names() {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& file : shipped_scenario_files())
    names.push_back(file.name.substr(0, file.name.size() - kExtension.size()));
  return names;
}

std::string scenario_json(const Scenario& scenario) {
  nlohmann::ordered_json document = {{"name", scenario.name},
                                     {"title", scenario.title},
                                     {"about", scenario.about},
                                     {"sources", scenario.sources},
                                     {"image", image_json(scenario.image)},
                                     {"server", server_spec_json(scenario.server)}};
  if (scenario.target != TargetSpec{}) document["target"] = target_json(scenario.target);
  document["axes"] = axes_json(scenario.axes);
  document["blocks"] = scenario.blocks;
  document["seed"] = scenario.seed;
  document["memory_budget"] = exact_bytes(scenario.memory_budget_bytes);
  if (scenario.time_budget) document["time_budget"] = exact_duration(*scenario.time_budget);
  if (!scenario.bystander.empty()) document["bystander"] = bystander_json(scenario.bystander);
  if (scenario.bystander_budget)
    document["bystander_budget"] = bystander_budget_text(*scenario.bystander_budget);
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace depthfinder
