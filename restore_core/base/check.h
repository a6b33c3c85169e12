// SPDX-License-Identifier: MIT
// DF_CHECK(condition): aborts with file and line when a programmer's assumption does not hold. Always on: the
// release build is what gets measured.
#pragma once

namespace depthfinder {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace depthfinder

#define DF_CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::depthfinder::check_failed(#condition, __FILE__, __LINE__))
