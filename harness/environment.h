// SPDX-License-Identifier: MIT
// What the PBS_* variables say, spelled and read as Proxmox's own tools do, but validated: a setting that is
// empty, zero, negative, no number or absurd is refused with a message, not silently replaced.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/format/repository.h"

namespace depthfinder {

// The value of a variable; nothing when it is not set.
std::optional<std::string> environment_variable(const char* name);

// A count from the flag, else from the variable, else nothing. Errors: bad_input, naming where it came from.
Result<std::optional<int>> count_setting(std::string_view flag, const std::string& flag_value,
                                         const char* variable, int highest);

// --repository or PBS_REPOSITORY; --fingerprint or PBS_FINGERPRINT. Errors: bad_input.
Result<Repository> repository_setting(const std::string& flag_value);
Result<std::optional<Digest>> fingerprint_setting(const std::string& flag_value);

}  // namespace depthfinder
