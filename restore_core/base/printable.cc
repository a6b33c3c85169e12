// SPDX-License-Identifier: MIT
#include "restore_core/base/printable.h"

#include <fmt/format.h>

namespace depthfinder {
namespace {

bool is_continuation(char letter) { return (static_cast<unsigned char>(letter) & 0xc0) == 0x80; }

// Bytes of the control character that begins at `text`; 0: none does.
std::size_t control_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == 0x7f || (first < 0x20 && first != '\n')) return 1;
  const bool is_c1 = first == 0xc2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0;
  return is_c1 && is_continuation(text[1]) ? 2 : 0;
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
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = control_length(text.substr(i));
    if (length == 0)
      safe += text[i];
    else
      safe += "\xef\xbf\xbd";
    i += length == 0 ? 1 : length;
  }
  if (whole > text.size()) safe += fmt::format("\xe2\x80\xa6 ({} bytes more)", whole - text.size());
  return safe;
}

}  // namespace depthfinder
