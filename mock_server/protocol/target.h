// SPDX-License-Identifier: MIT
// Target: a request's path and query, taken apart (pbs-protocol E.3): empty path components are dropped, percent escapes
// and '+' decoded. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"

namespace depthfinder::mock {

struct Parameter {
  std::string name, value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Target {
  std::vector<std::string> components;
  std::vector<Parameter> parameters;

  [[nodiscard]] std::string path() const;  // "/api2/json/version"; "/" without components
};

// Errors: bad_input (a bad escape, a component that starts with '.', a control character, no leading '/').
Result<Target> parse_target(std::string_view raw);

// "a=1&b=x%20y+z". Error: bad_input.
Result<std::vector<Parameter>> parse_form(std::string_view text);

// Decodes %XX; with `plus_is_space` also '+'. Nothing for a bad escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace depthfinder::mock
