// SPDX-License-Identifier: MIT
#include "scenarios/scenario_loader.h"

#include <cmath>
#include <span>

#include <nlohmann/json.hpp>

#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/embedded_file.h"
#include "scenarios/strict_json.h"

namespace depthfinder {

// Made by embed.cmake.
std::span<const EmbeddedFile> shipped_scenario_files();
std::span<const EmbeddedFile> scenario_schema_files();

namespace {

using nlohmann::json;

constexpr std::uint64_t kFileBytesMax = 1 << 20;
constexpr std::size_t kCellsMax = 4096;
constexpr std::string_view kExtension = ".json";

// A number with a unit at `path` ("server.rate"), by the parser of its kind; `value` stays when the key is
// absent.
template <typename T, typename Parser>
Result<void> read_unit(const json& object, const char* key, std::string_view path, Parser parse, T& value) {
  if (!object.contains(key)) return {};
  auto parsed = parse(object.at(key).template get<std::string>());
  if (!parsed) return pass_on(parsed.error(), path);
  value = *parsed;
  return {};
}

Result<void> read_image(const json& object, ImageSpec& image) {
  DF_TRY(read_unit(object, "size", "image.size", parse_byte_count, image.size_bytes));
  image.zeros = object.value("zeros", image.zeros);
  image.duplicates = object.value("duplicates", image.duplicates);
  image.compress = object.value("compress", image.compress);
  image.seed = object.value("seed", image.seed);
  image.encrypt = object.value("encrypt", image.encrypt);
  if (image.size_bytes == 0) return fail(ErrorKind::bad_input, "image.size must be more than 0");
  return {};
}

Result<void> read_server(const json& object, ServerSpec& server) {
  DF_TRY(read_unit(object, "latency", "server.latency", parse_duration, server.latency));
  return read_unit(object, "rate", "server.rate", parse_rate, server.rate_bytes_per_s);
}

void read_axes(const json& object, Axes& axes) {
  axes.strategy = object.value("strategy", axes.strategy);
  axes.depth = object.value("depth", axes.depth);
  axes.threads = object.value("threads", axes.threads);
  axes.connections = object.value("connections", axes.connections);
  if (!object.contains("sha_ni")) return;
  axes.sha_ni.clear();
  for (const json& state : object.at("sha_ni")) axes.sha_ni.push_back(state == "on" ? ShaNi::on : ShaNi::off);
}

// What the schema cannot say.
Result<void> check_meaning(const Scenario& scenario) {
  const Axes& axes = scenario.axes;
  const std::size_t product = axes.strategy.size() * axes.depth.size() * axes.threads.size() *
                              axes.sha_ni.size() * axes.connections.size();
  if (product > kCellsMax)
    return fail(ErrorKind::bad_input, "axes make {} cells, more than {}: shorten one of them", product,
                kCellsMax);
  for (const int connections : axes.connections)
    if (connections != 1)
      return fail(ErrorKind::bad_input,
                  "axes.connections: {} asked for, but every strategy so far uses exactly 1", connections);
  return {};
}

Result<Scenario> read_scenario(const json& document) {
  Scenario scenario;
  scenario.name = document.at("name");
  scenario.title = document.at("title");
  scenario.about = document.at("about");
  scenario.sources = document.value("sources", scenario.sources);
  DF_TRY(read_image(document.at("image"), scenario.image));
  DF_TRY(read_server(document.at("server"), scenario.server));
  read_axes(document.at("axes"), scenario.axes);
  scenario.blocks = document.value("blocks", scenario.blocks);
  scenario.seed = document.value("seed", scenario.seed);
  DF_TRY(
      read_unit(document, "memory_budget", "memory_budget", parse_byte_count, scenario.memory_budget_bytes));
  if (document.contains("time_budget")) {
    Nanoseconds budget{0};
    DF_TRY(read_unit(document, "time_budget", "time_budget", parse_duration, budget));
    scenario.time_budget = budget;
  }
  DF_TRY(check_meaning(scenario));
  return scenario;
}

// The largest unit that says the value in whole numbers, so that it is read back exactly.
std::string exact_bytes(std::uint64_t bytes) {
  if (bytes % (1ULL << 30) == 0) return fmt::format("{}GiB", bytes >> 30);
  if (bytes % (1ULL << 20) == 0) return fmt::format("{}MiB", bytes >> 20);
  return fmt::format("{}B", bytes);
}

std::string exact_duration(Nanoseconds duration) {
  const auto count = duration.count();
  if (count % 1'000'000'000 == 0) return fmt::format("{}s", count / 1'000'000'000);
  if (count % 1'000'000 == 0) return fmt::format("{}ms", count / 1'000'000);
  if (count % 1'000 == 0) return fmt::format("{}us", count / 1'000);
  return fmt::format("{}ns", count);
}

std::string exact_rate(double bytes_per_s) {
  const double megabytes = bytes_per_s / 1e6;
  if (megabytes == std::floor(megabytes) && megabytes * 1e6 == bytes_per_s)
    return fmt::format("{:.0f}MB/s", megabytes);
  if (bytes_per_s == std::floor(bytes_per_s)) return fmt::format("{:.0f}B/s", bytes_per_s);
  return fmt::format("{}B/s", bytes_per_s);
}

std::string stem(std::string_view file_name) {
  return std::string(file_name.substr(0, file_name.size() - kExtension.size()));
}

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(kExtension);
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view json_text, std::string_view where) {
  DF_ASSIGN(const json document, parse_strict_json(json_text, where));
  DF_TRY(check_schema(document, scenario_schema_files().front().text, where));
  try {
    auto scenario = read_scenario(document);
    if (!scenario) return pass_on(scenario.error(), where);
    return scenario;
  } catch (const std::exception& error) {  // a type that the schema lets pass and the value does not fit
    return fail(ErrorKind::bad_input, "{} cannot be read: {}", where, error.what());
  }
}

Result<Scenario> load_scenario(const std::string& path_or_name) {
  if (is_path(path_or_name)) {
    DF_ASSIGN(const Bytes text, read_file(path_or_name, kFileBytesMax));
    return parse_scenario(as_text(text), path_or_name);
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
  const Axes& axes = scenario.axes;
  nlohmann::ordered_json sha_ni = nlohmann::ordered_json::array();
  for (const ShaNi state : axes.sha_ni) sha_ni.push_back(sha_ni_name(state));
  const ImageSpec& image = scenario.image;
  nlohmann::ordered_json document = {
      {"name", scenario.name},
      {"title", scenario.title},
      {"about", scenario.about},
      {"sources", scenario.sources},
      {"image",
       {{"size", exact_bytes(image.size_bytes)},
        {"zeros", image.zeros},
        {"duplicates", image.duplicates},
        {"compress", image.compress},
        {"seed", image.seed},
        {"encrypt", image.encrypt}}},
      {"server",
       {{"latency", exact_duration(scenario.server.latency)},
        {"rate", exact_rate(scenario.server.rate_bytes_per_s)}}},
      {"axes",
       {{"strategy", axes.strategy},
        {"depth", axes.depth},
        {"threads", axes.threads},
        {"connections", axes.connections},
        {"sha_ni", sha_ni}}},
      {"blocks", scenario.blocks},
      {"seed", scenario.seed},
      {"memory_budget", exact_bytes(scenario.memory_budget_bytes)},
  };
  if (scenario.time_budget) document["time_budget"] = exact_duration(*scenario.time_budget);
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace depthfinder
