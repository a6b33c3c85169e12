// SPDX-License-Identifier: MIT
#include "restore_core/client/url_encoding.h"

#include <array>

namespace depthfinder {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::array<char, 3> percent(unsigned char byte) {
  return {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
}

// How many bytes of UTF-8 the text begins with: one character's; 0 when it is none. Table 3-7 of the Unicode standard.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90, beyond = first == 0xF4 && second > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool is_form_safe(unsigned char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         byte == '*' || byte == '-' || byte == '.' || byte == '_';
}

}  // namespace

std::string form_encode(std::string_view text) {
  std::string out;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (is_form_safe(byte)) {
      out += character;
    } else if (byte == ' ') {
      out += '+';
    } else {
      const std::array<char, 3> encoded = percent(byte);
      out.append(encoded.data(), encoded.size());
    }
  }
  return out;
}

std::string form_query(const std::map<std::string, std::string>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out += form_encode(name) + '=' + form_encode(value);
  }
  return out;
}

void append_credential(std::string_view text, Secret& out) {
  constexpr std::string_view kEncoded = "\"#<>`?{}";
  out.reserve(out.size() + 3 * text.size());
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool keep = byte > ' ' && byte < 0x7f && kEncoded.find(character) == std::string_view::npos;
    if (keep) {
      out.append(character);
    } else {
      const std::array<char, 3> encoded = percent(byte);
      out.append({encoded.data(), encoded.size()});
    }
  }
}

void append_json_string(std::string_view text, Secret& out) {
  out.append('"');
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') out.append('\\');
    if (byte < ' ') {
      out.append("\\u00");
      out.append(kHexDigits[byte >> 4]);
      out.append(kHexDigits[byte & 15]);
    } else {
      out.append(character);
    }
  }
  out.append('"');
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace depthfinder
