// SPDX-License-Identifier: MIT
// Numbers and cells in words, the same on every host: fmt without a locale. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/scenario.h"

namespace depthfinder {

inline constexpr std::size_t kTerminalColumns = 80;
inline constexpr const char* kNone = "\xe2\x80\x93";          // an en dash, where a table has no figure
std::string number(double value, int decimals);               // "12.35"
std::string percent(double share);                            // "94 %"; one decimal below 10 %
std::string counted(long long count, std::string_view noun);  // "1 thread", "4 threads"
std::string mib(double bytes);                                // "128 MiB"
std::string buffer_words(const Cell& cell);                   // "128 MiB" of chunk buffers
std::string cell_words(const Cell& cell);                     // "spawned, depth 16, 4 threads, SHA-NI on"
// ", 4 threads, 2 connections": what is set beside strategy and depth, and not the default. May be empty.
std::string settings_beside_depth(const Cell& cell);
// `text` as lines of at most `columns` bytes that end in a line feed, broken at spaces; all but the first begin with
// `indent` spaces. A longer word stands alone. Line feeds of the text are spaces, and it is made printable().
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);
std::string cpu_words(const CpuState& state);  // "SHA-NI off, AVX2 at most"

}  // namespace depthfinder
