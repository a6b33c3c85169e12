// SPDX-License-Identifier: MIT
#include "scenarios/key_value_pairs.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using nlohmann::json;

template <typename T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size();
}

json value_of(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  std::uint64_t whole = 0;
  if (parse_whole(text, whole)) return whole;
  double number = 0;
  if (parse_whole(text, number) && std::isfinite(number)) return number;
  return text;
}

Result<void> add_pair(std::string_view pair, std::span<const std::string> text_keys, json& object) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return fail(ErrorKind::bad_input, "'{}' is not KEY=VALUE", pair);
  const std::string key(pair.substr(0, equals));
  const std::string_view text = pair.substr(equals + 1);
  if (key.empty()) return fail(ErrorKind::bad_input, "'{}' has no key in front of its '='", pair);
  if (text.empty()) return fail(ErrorKind::bad_input, "{} has no value", key);
  if (object.contains(key)) return fail(ErrorKind::bad_input, "{} is given twice", key);
  const bool is_text = std::find(text_keys.begin(), text_keys.end(), key) != text_keys.end();
  object[key] = is_text ? json(text) : value_of(text);
  return {};
}

}  // namespace

Result<json> object_from_pairs(std::string_view pairs, std::span<const std::string> text_keys) {
  json object = json::object();
  for (;;) {
    const std::size_t comma = pairs.find(',');
    DF_TRY(add_pair(pairs.substr(0, comma), text_keys, object));
    if (comma == std::string_view::npos) return object;
    pairs.remove_prefix(comma + 1);
  }
}

}  // namespace depthfinder
