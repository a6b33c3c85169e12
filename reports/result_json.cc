// SPDX-License-Identifier: MIT
#include "reports/result_json.h"

#include <cmath>
#include <concepts>
#include <span>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "reports/result_check.h"
#include "reports/result_fields.h"
#include "reports/result_upgrade.h"
#include "scenarios/embedded_file.h"
#include "scenarios/scenario_loader.h"
#include "scenarios/strict_json.h"

namespace depthfinder {

std::span<const EmbeddedFile> result_schema_files();  // made by embed.cmake

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kSchemaName = "depthfinder-result";
constexpr std::size_t kValueBytesMax = 60;  // of a value that a message quotes
constexpr TrialOutcome kOutcomes[] = {TrialOutcome::ok, TrialOutcome::failed, TrialOutcome::cancelled,
                                      TrialOutcome::invalid};

// What the JSON library converts by itself, but for floating point, which is checked here.
template <typename T>
concept Plain =
    std::integral<T> || std::same_as<T, std::string> || std::same_as<T, std::map<std::string, std::string>> ||
    std::same_as<T, std::map<std::string, std::uint64_t>>;

template <typename T>
concept Fielded = std::is_class_v<T> && !Plain<T>;

// Walks the fields of a value into an object. The first number that is not finite is remembered by its key.
class Writer {
 public:
  explicit Writer(ordered_json& object, std::string& not_finite) : object_(object), not_finite_(not_finite) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    object_[key] = encode(key, value);
  }
  template <typename T>
  void operator()(const char* key, std::optional<T>& value) {
    if (value) object_[key] = encode(key, *value);
  }

 private:
  template <Plain T>
  ordered_json encode(const char*, T& value) {
    return value;
  }
  ordered_json encode(const char* key, double& value) {
    if (!std::isfinite(value) && not_finite_.empty()) not_finite_ = key;
    return value;
  }
  ordered_json encode(const char*, ShaNi& value) { return sha_ni_name(value); }
  ordered_json encode(const char*, Vectors& value) { return vectors_name(value); }
  ordered_json encode(const char*, Buffers& value) { return buffers_name(value); }
  ordered_json encode(const char*, result_fields::AutoCount& value) {
    return value.count == kAuto ? ordered_json("auto") : ordered_json(value.count);
  }
  ordered_json encode(const char*, ServerKind& value) { return server_kind_name(value); }
  ordered_json encode(const char*, TrialOutcome& value) { return trial_outcome_name(value); }
  ordered_json encode(const char*, Scenario& value) { return ordered_json::parse(scenario_json(value)); }
  template <typename T>
  ordered_json encode(const char* key, std::vector<T>& values) {
    ordered_json array = ordered_json::array();
    for (T& value : values) array.push_back(encode(key, value));
    return array;
  }
  template <Fielded T>
  ordered_json encode(const char*, T& value) {
    ordered_json object = ordered_json::object();
    Writer nested(object, not_finite_);
    result_fields::visit(nested, value);
    return object;
  }

  ordered_json& object_;
  std::string& not_finite_;
};

// Walks the fields of a value out of an object that the schema has let pass; throws the JSON library's
// exceptions.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    decode(object_.at(key), value);
  }
  template <typename T>
  void operator()(const char* key, std::optional<T>& value) {
    if (object_.contains(key)) decode(object_.at(key), value.emplace());
  }
  // Read on its own, by the scenario's parser.
  void operator()(const char*, Scenario&) {}

 private:
  template <Plain T>
  void decode(const json& from, T& value) {
    if (std::unsigned_integral<T> && from.is_number_integer() && !from.is_number_unsigned())
      throw std::out_of_range(from.dump() + " is negative");  // the library would wrap it around
    from.get_to(value);
  }
  void decode(const json& from, double& value) { from.get_to(value); }
  void decode(const json& from, ShaNi& value) { value = from == "on" ? ShaNi::on : ShaNi::off; }
  void decode(const json& from, Vectors& value) {
    value = from == "all" ? Vectors::all : from == "avx2" ? Vectors::avx2 : Vectors::sse;
  }
  void decode(const json& from, Buffers& value) { value = from == "pool" ? Buffers::pool : Buffers::fresh; }
  void decode(const json& from, result_fields::AutoCount& value) {
    value.count = from.is_string() ? kAuto : from.get<int>();
  }
  void decode(const json& from, ServerKind& value) {
    value = from == "mock" ? ServerKind::mock : ServerKind::real;
  }
  void decode(const json& from, TrialOutcome& value) {
    for (const TrialOutcome outcome : kOutcomes)
      if (from == trial_outcome_name(outcome)) value = outcome;
  }
  template <typename T>
  void decode(const json& from, std::vector<T>& values) {
    values.resize(from.size());
    for (std::size_t i = 0; i < values.size(); ++i) decode(from[i], values[i]);
  }
  template <Fielded T>
  void decode(const json& from, T& value) {
    Reader nested(from);
    result_fields::visit(nested, value);
  }

  const json& object_;
};

// Before the schema is asked, so that another version is called that, and not a list of unknown keys.
Result<void> check_version(const json& document, std::string_view where) {
  if (!document.is_object() || !document.contains("schema") || document["schema"] != kSchemaName)
    return fail(ErrorKind::bad_input, "{} is not a depthfinder result: \"schema\" is not \"{}\"", where,
                kSchemaName);
  const auto version = document.find("schema_version");
  if (version == document.end()) return fail(ErrorKind::bad_input, "{} has no schema_version", where);
  if (!version->is_number_integer())
    return fail(ErrorKind::bad_input, "{} has the schema_version {}, which is no whole number", where,
                version->dump(-1, ' ', true).substr(0, kValueBytesMax));
  if (*version < kOldestResultSchemaVersion || *version > kResultSchemaVersion)
    return fail(
        ErrorKind::bad_input,
        "{} has schema_version {}, and this program reads {} to {} only: measure again, or read it with the "
        "version of depthfinder that wrote it",
        where, version->dump(), kOldestResultSchemaVersion, kResultSchemaVersion);
  return {};
}

Result<SweepResult> read_result(const json& document, std::string_view where) {
  SweepResult result;
  DF_ASSIGN(result.scenario,
            parse_scenario(document.at("scenario").dump(), std::string(where) + ": scenario"));
  Reader reader(document);
  result_fields::visit(reader, result);
  DF_TRY(check_result(result, where));
  return result;
}

}  // namespace

Result<std::string> to_json(const SweepResult& result) {
  ordered_json document = {{"schema", kSchemaName}, {"schema_version", kResultSchemaVersion}};
  std::string not_finite;
  SweepResult copy = result;  // the field lists serve reading too, so they take what can be written to
  Writer writer(document, not_finite);
  result_fields::visit(writer, copy);
  if (!not_finite.empty())
    return fail(ErrorKind::bad_input, "the result cannot be written: \"{}\" is not a finite number",
                not_finite);
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<SweepResult> from_json(std::string_view json_text, std::string_view where) {
  DF_ASSIGN(json document, parse_strict_json(json_text, where));
  DF_TRY(check_version(document, where));
  if (document["schema_version"] == 2) upgrade_version_2(document);
  if (document["schema_version"] == 3) upgrade_version_3(document);
  if (document["schema_version"] == 4) upgrade_version_4(document);
  DF_TRY(check_schema(document, result_schema_files().front().text, where));
  try {
    return read_result(document, where);
  } catch (const std::exception& error) {  // a type that the schema lets pass and the value does not fit
    return fail(ErrorKind::bad_input, "{} cannot be read: {}", where, error.what());
  }
}

}  // namespace depthfinder
