// SPDX-License-Identifier: MIT
// What "uring:PATH[,direct=on|off|auto][,depth=N]" means. Pure.
#pragma once

#include <string>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

inline constexpr std::string_view kUringPrefix = "uring:";

struct UringSettings {
  enum class Direct { on, off, automatic };  // automatic: where the target permits it

  std::string path;  // a file or block device; it cannot hold a comma here
  Direct direct = Direct::automatic;
  int depth = 8;  // requests in flight for each writing thread, 1 to 256
};

// Errors: bad_input.
Result<UringSettings> parse_uring_target(std::string_view text);

}  // namespace depthfinder
