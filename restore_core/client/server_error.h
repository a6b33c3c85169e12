// SPDX-License-Identifier: MIT
// Turns a refusing answer of the server into an Error. Pure; the server's own text is always kept in the
// message.
#pragma once

#include <string>
#include <string_view>

#include "restore_core/base/error.h"

namespace depthfinder {

// Longest part of a refusal's body that is read and shown.
inline constexpr std::size_t kServerTextBytesMax = 2048;

// auth for 401 and 403; not_found for 404 and for a 400 that says so; connection (transient) for 5xx;
// protocol for the rest. Most of PBS's refusals are 400 with a plain text, so the text decides (pbs-protocol
// E.4, F.1, F.3).
ErrorKind kind_of_refusal(int status, std::string_view server_text);

// "WHAT: the server answered STATUS: TEXT".
Error server_refusal(std::string_view what, int status, std::string_view server_text);

// One line that is safe to print: control characters become blanks, at most kServerTextBytesMax bytes.
std::string one_line_of(std::string_view server_text);

}  // namespace depthfinder
