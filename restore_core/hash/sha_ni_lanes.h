// SPDX-License-Identifier: MIT
// sha_ni_kernel(): two messages by the CPU's SHA instructions at once. One stream leaves the unit idle: every
// SHA256RNDS2 waits for the one before it (4 cycles) and the unit takes one every 2, so a second stream is nearly free. Says only what
// the CPU has; masks are the caller's business. x86-64 only.
#pragma once

#include <optional>

#include "restore_core/hash/lane_kernel.h"

namespace depthfinder {

// Nothing where the CPU, or the build, lacks the instructions.
std::optional<LaneKernel> sha_ni_kernel();

}  // namespace depthfinder
