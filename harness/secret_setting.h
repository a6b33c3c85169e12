// SPDX-License-Identifier: MIT
// Passwords from where Proxmox's own tools take them: a variable, a descriptor, a file, a command, the terminal. Returned,
// never printed. Reading ends soon after a stop, with the terminal's echo as it was and without the command.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"

namespace depthfinder {

// NAME, NAME_FD, NAME_FILE, NAME_CMD, the first that is set: the first line of it without the line end.
// Nothing when none is set. A secret that NAME itself holds is taken out of this process's environment, where /proc would
// show it and children would inherit it, so it is found once. While no other thread reads the environment. Errors:
// bad_input, naming the variable; cancelled.
Result<std::optional<Secret>> secret_from_environment(const std::string& name, const std::stop_token& stop);

// The same, and failing that a prompt on the terminal. Errors: bad_input where there is no terminal to ask on; cancelled.
Result<Secret> secret_or_prompt(const std::string& name, std::string_view what, const std::stop_token& stop);

}  // namespace depthfinder
