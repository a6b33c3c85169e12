// SPDX-License-Identifier: MIT
// How text is written into URLs, cookies, the token header and the login (pbs-protocol E.3, E.5). Pure functions; what
// writes secrets leaves no copy of them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "restore_core/base/secret.h"

namespace depthfinder {

// application/x-www-form-urlencoded: letters, digits and "*-._" stay, a space becomes '+', the rest %XX.
std::string form_encode(std::string_view text);

// "a=1&b=2", in the order of the names.
std::string form_query(const std::map<std::string, std::string>& parameters);

// For tickets and token secrets: control characters, space, "\"#<>`?{}" and everything beyond ASCII as %XX.
void append_credential(std::string_view text, Secret& out);

// As JSON: in quotes, with what has to be escaped in escapes. The text is UTF-8.
void append_json_string(std::string_view text, Secret& out);

}  // namespace depthfinder
