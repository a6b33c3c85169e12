// SPDX-License-Identifier: MIT
// guarded(f): calls f, which returns a Result, and turns what it throws into an Error, so that no exception
// crosses a thread or the engine's border.
#pragma once

#include <exception>
#include <new>

#include "restore_core/base/result.h"

namespace depthfinder {

template <typename Function>
auto guarded(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::io, "out of memory; use a smaller depth");
  } catch (const std::exception& exception) {
    return fail(ErrorKind::io, "{}", exception.what());
  }
}

}  // namespace depthfinder
