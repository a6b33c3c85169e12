// SPDX-License-Identifier: MIT
#include "restore_core/format/json_value.h"

#include <algorithm>
#include <exception>

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::size_t kNestingMax = 127;  // upstream's parser stops at the 128th level
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The deepest nesting of arrays and objects. Counts brackets outside of strings, so it needs no valid JSON.
std::size_t nesting_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

void append_string(std::string_view text, std::string& out) {
  constexpr std::string_view kShortEscapes =
      "\"\"\\\\\bb\ff\nn\rr\tt";  // pairs: the byte, its escape's letter
  out += '"';
  for (const char c : text) {
    std::size_t pair = 0;
    while (pair < kShortEscapes.size() && kShortEscapes[pair] != c) pair += 2;
    if (pair < kShortEscapes.size()) {
      out += '\\';
      out += kShortEscapes[pair + 1];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

Result<void> append_value(const json& value, std::string& out);

Result<void> append_object(const json& object, std::string& out) {
  char separator = '{';
  if (object.empty()) out += separator;
  for (const auto& [key, member] : object.items()) {  // a std::map: sorted by bytes
    out += std::exchange(separator, ',');
    append_string(key, out);
    out += ':';
    DF_TRY(append_value(member, out));
  }
  out += '}';
  return {};
}

Result<void> append_array(const json& array, std::string& out) {
  char separator = '[';
  if (array.empty()) out += separator;
  for (const json& element : array) {
    out += std::exchange(separator, ',');
    DF_TRY(append_value(element, out));
  }
  out += ']';
  return {};
}

// Recursion is bounded by kNestingMax.
Result<void> append_value(const json& value, std::string& out) {
  switch (value.type()) {
    case json::value_t::object:
      return append_object(value, out);
    case json::value_t::array:
      return append_array(value, out);
    case json::value_t::string:
      append_string(value.get_ref<const std::string&>(), out);
      return {};
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return {};
    case json::value_t::number_unsigned:
      out += fmt::format("{}", value.get<std::uint64_t>());
      return {};
    case json::value_t::number_integer:
      out += fmt::format("{}", value.get<std::int64_t>());
      return {};
    default:
      return malformed(ErrorKind::corrupt, "manifest-type", "a {} cannot be part of what a signature covers",
                       value.is_null() ? "null" : "number that is no integer");
  }
}

}  // namespace

Result<json> parse_json(ByteSpan text, const JsonSource& source) {
  const std::string_view characters = as_text(text);
  if (characters.starts_with(kByteOrderMark))
    return malformed(source.kind, source.reason, "{} is not JSON: it starts with a byte order mark",
                     source.what);
  if (const std::size_t nesting = nesting_of(characters); nesting > kNestingMax)
    return malformed(source.kind, source.reason, "{} is nested {} levels deep, at most {} are allowed",
                     source.what, nesting, kNestingMax);
  try {
    return json::parse(characters);
  } catch (const json::parse_error& error) {
    return malformed(source.kind, source.reason, "{} is not JSON (at byte {} of {})", source.what, error.byte,
                     text.size());
  } catch (const std::exception&) {
    return malformed(source.kind, source.reason, "{} cannot be read as JSON ({} bytes)", source.what,
                     text.size());
  }
}

Result<std::string> to_canonical_json(const json& value) {
  std::string out;
  DF_TRY(append_value(value, out));
  return out;
}

}  // namespace depthfinder
