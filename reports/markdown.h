// SPDX-License-Identifier: MIT
// Text in Markdown, for whatever writes it: the report and the gate. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace depthfinder {

// Text stays text, also in a cell of a table: what Markdown, or the HTML or the formulas in it, would take for markup gets
// a backslash, and a control character is a space.
std::string markdown_escaped(std::string_view text);

}  // namespace depthfinder
