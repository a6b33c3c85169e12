// SPDX-License-Identifier: MIT
// What this build is, for --version and for results.
#pragma once

#include <string>

#include "reports/result.h"

namespace depthfinder {

ToolInfo tool_info();
std::string version_text();  // several lines: version, compiler, libraries

}  // namespace depthfinder
