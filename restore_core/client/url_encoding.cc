// SPDX-License-Identifier: MIT
#include "restore_core/client/url_encoding.h"

#include <array>

namespace depthfinder {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::array<char, 3> percent(unsigned char byte) {
  return {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
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

}  // namespace depthfinder
