// SPDX-License-Identifier: MIT
// Text of files and servers on its way to a terminal: it must not move the cursor, colour the screen or fill it. Pure; any
// thread. It is not for text in HTML, JSON or Markdown, which have rules of their own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace depthfinder {

inline constexpr std::size_t kPrintableBytesMax = 4'000;  // of a message or paragraph

// Control characters (but the line feed), the C1 ones among them, and bytes that are no UTF-8 become U+FFFD; what is longer
// than `bytes_max` is cut between two characters, and says so.
std::string printable(std::string_view text, std::size_t bytes_max = kPrintableBytesMax);

}  // namespace depthfinder
