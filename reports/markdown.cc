// SPDX-License-Identifier: MIT
#include "reports/markdown.h"

namespace depthfinder {

std::string markdown_escaped(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]<>|#&~$";
  std::string safe;
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
      safe += ' ';
      continue;
    }
    if (kMarkup.find(letter) != std::string_view::npos) safe += '\\';
    safe += letter;
  }
  return safe;
}

}  // namespace depthfinder
