// SPDX-License-Identifier: MIT
// What is well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF (table 3-7 of the Unicode
// standard). Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace depthfinder {

// Bytes of the one character that the text begins with; 0 when it begins with none.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace depthfinder
