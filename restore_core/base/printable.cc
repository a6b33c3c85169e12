// SPDX-License-Identifier: MIT
#include "restore_core/base/printable.h"

#include <algorithm>

#include <fmt/format.h>

#include "restore_core/base/utf8.h"

namespace depthfinder {
namespace {

bool is_continuation(char letter) { return (static_cast<unsigned char>(letter) & 0xc0) == 0x80; }

// One character, or one byte that is no part of any.
struct Piece {
  std::size_t length;
  bool is_safe;
};

Piece first_of(std::string_view text) {
  const std::size_t length = utf8_length(text);
  const auto first = static_cast<unsigned char>(text[0]);
  const bool is_c0 = first == 0x7f || (first < 0x20 && first != '\n');
  const bool is_c1 = length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
  return {std::max<std::size_t>(length, 1), length > 0 && !is_c0 && !is_c1};
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  const std::size_t whole = text.size();
  if (whole > bytes_max) {
    std::size_t end = bytes_max;
    while (end > 0 && is_continuation(text[end])) --end;
    text = text.substr(0, end);
  }
  std::string safe;
  std::string_view rest = text;
  while (!rest.empty()) {
    const Piece piece = first_of(rest);
    safe += piece.is_safe ? rest.substr(0, piece.length) : "\xef\xbf\xbd";
    rest.remove_prefix(piece.length);
  }
  if (whole > text.size()) safe += fmt::format("\xe2\x80\xa6 ({} bytes more)", whole - text.size());
  return safe;
}

}  // namespace depthfinder
