// SPDX-License-Identifier: MIT
#include "restore_core/client/url_encoding.h"

namespace depthfinder {
namespace {

void append_percent(std::string& out, unsigned char byte) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  out += '%';
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 15];
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
      append_percent(out, byte);
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

std::string encode_credential(std::string_view text) {
  constexpr std::string_view kEncoded = "\"#<>`?{}";
  std::string out;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool keep = byte > ' ' && byte < 0x7f && kEncoded.find(character) == std::string_view::npos;
    if (keep) {
      out += character;
    } else {
      append_percent(out, byte);
    }
  }
  return out;
}

}  // namespace depthfinder
