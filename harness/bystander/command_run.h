// SPDX-License-Identifier: MIT
// run_command(): the user's command once, by /bin/sh, in a process group of its own, so that nothing that it started
// is left when it has to be ended. Its standard output is thrown away; its standard error is ours. Used by one thread.
#pragma once

#include <string>

#include "harness/bystander/control_input.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Returns when it has ended. When `control` says so before, the group is killed. Errors: io (a status that is not 0),
// cancelled.
Result<void> run_command(const std::string& command, ControlInput& control);

}  // namespace depthfinder
