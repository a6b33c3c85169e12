// SPDX-License-Identifier: MIT
// What to do about an error that ended a restore: the last part of its message. Pure. What the user gave wrong, and what
// a target refused, are told with their remedy where they are found.
#pragma once

#include "restore_core/base/error.h"

namespace depthfinder {

// The error with "; " and what to do behind its message; as it is where that is said already, or nothing helps.
Error with_remedy(const Error& error);

}  // namespace depthfinder
