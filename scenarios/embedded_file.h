// SPDX-License-Identifier: MIT
// EmbeddedFile: a text file of the source tree that embed.cmake compiled into the program. Static storage;
// any thread.
#pragma once

#include <span>
#include <string_view>

namespace depthfinder {

struct EmbeddedFile {
  std::string_view name;  // without its folder
  std::string_view text;
};

}  // namespace depthfinder
