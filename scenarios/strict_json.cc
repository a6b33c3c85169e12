// SPDX-License-Identifier: MIT
#include "scenarios/strict_json.h"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace depthfinder {
namespace {

using nlohmann::json;

// Enough for any scenario or result; the libraries recurse once per level.
constexpr int kNestingMax = 32;

// Thrown out of the parser's callback, which has no other way to stop it.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Watches the parser's events for what it would let pass.
class ParseGuard {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth > kNestingMax) throw Refused("is nested too deeply");
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second)
      throw Refused("has the key \"" + parsed.get<std::string>() + "\" twice in one object");
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

// "<root>[axes][depth]" -> "axes.depth"
std::string place_of(const std::vector<std::string>& context) {
  std::string place;
  for (const std::string& step : context) {
    if (step == "<root>") continue;
    const std::string name =
        step.starts_with('[') && step.ends_with(']') ? step.substr(1, step.size() - 2) : step;
    place += (place.empty() ? "" : ".") + name;
  }
  return place.empty() ? "the top level" : place;
}

// The library's wording of an unknown key is about its own constraints; ours names the key.
std::string plain_words(const std::string& description) {
  constexpr std::string_view kUnknownKey = "Object contains a property that could not be validated";
  if (!description.starts_with(kUnknownKey)) return description;
  const auto key = description.rfind(": ");
  return "unknown key" + (key == std::string::npos ? std::string() : description.substr(key + 1));
}

// The error that lies deepest is the cause; those above it only say that something below them failed.
std::string cause_of(valijson::ValidationResults& results) {
  valijson::ValidationResults::Error error, deepest;
  while (results.popError(error))
    if (error.context.size() > deepest.context.size()) deepest = error;
  return "at " + place_of(deepest.context) + ": " + plain_words(deepest.description);
}

}  // namespace

Result<json> parse_strict_json(std::string_view text, std::string_view where) {
  try {
    return json::parse(text, ParseGuard());
  } catch (const Refused& refused) {
    return fail(ErrorKind::bad_input, "{} {}", where, refused.what());
  } catch (const std::exception& error) {
    return fail(ErrorKind::bad_input, "{} is not valid JSON: {}", where, error.what());
  }
}

Result<void> check_schema(const json& document, std::string_view schema_text, std::string_view where) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  try {
    const json schema_json = json::parse(schema_text);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(Adapter(schema_json), schema);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema, Adapter(document), &results)) return {};
    return fail(ErrorKind::bad_input, "{} {}", where, cause_of(results));
  } catch (const std::exception& error) {
    return fail(ErrorKind::bad_input, "{} could not be checked: {}", where, error.what());
  }
}

}  // namespace depthfinder
