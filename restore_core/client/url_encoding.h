// SPDX-License-Identifier: MIT
// How text is written into URLs, cookies and the token header (pbs-protocol E.3, E.5). Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace depthfinder {

// application/x-www-form-urlencoded: letters, digits and "*-._" stay, a space becomes '+', the rest %XX.
std::string form_encode(std::string_view text);

// "a=1&b=2", in the order of the names.
std::string form_query(const std::map<std::string, std::string>& parameters);

// For tickets and token secrets: control characters, space, "\"#<>`?{}" and everything beyond ASCII as %XX.
std::string encode_credential(std::string_view text);

}  // namespace depthfinder
