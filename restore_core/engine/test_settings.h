// SPDX-License-Identifier: MIT
// Every strategy, with a small depth, for the engine's tests.
#pragma once

#include <optional>
#include <string_view>

#include "restore_core/engine/strategy.h"

namespace depthfinder::testing_support {

inline constexpr const char* kStrategies[] = {"sequential", "buffered", "spawned", "threads", "pipelined"};

inline EngineSettings settings_of(std::string_view strategy, int depth = 4) {
  const auto wanted = strategy == "sequential" ? std::nullopt : std::optional<int>(depth);
  return engine_settings(strategy, {.depth = wanted, .threads = 3}).value();
}

}  // namespace depthfinder::testing_support
