// SPDX-License-Identifier: MIT
// Waits recorded elsewhere, given out again in their order: a pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder::mock {

// Of the server's `ordinal`-th chunk request, counted from 1; after the last wait the first follows. Not empty.
[[nodiscard]] inline Nanoseconds replayed_wait(const std::vector<Nanoseconds>& waits, std::uint64_t ordinal) {
  return waits[(ordinal + waits.size() - 1) % waits.size()];
}

}  // namespace depthfinder::mock
