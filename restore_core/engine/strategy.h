// SPDX-License-Identifier: MIT
// Strategies are settings of one engine, each standing for a way that images have been restored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

enum class DecodeOn { consumer, workers, fetchers };
enum class ZeroOrder { in_order, first };

struct EngineSettings {
  std::string_view strategy = "spawned";  // the name these settings started from
  int depth = 16;                         // chunks in flight: requested, arrived, decoded or being written
  int threads = 4;  // decode workers; only DecodeOn::workers has them, the others have 0
  DecodeOn decode_on = DecodeOn::workers;
  ZeroOrder zero_order = ZeroOrder::in_order;
};

inline constexpr int kDepthMax = 1024;
inline constexpr int kThreadsMax = 256;

// The named strategy with its defaults: "sequential" (depth 1, decoded by the consumer), "buffered" (decoded
// by the consumer, 16), "spawned" (16 / 4 workers), "threads" (N fetch-and-decode threads, zero chunks
// first). Depth and threads replace the defaults where given; threads only where there are decode workers.
// Errors: bad_input (unknown name, "pipelined" which comes later, depth other than 1 for sequential, numbers
// out of range).
Result<EngineSettings> engine_settings(std::string_view strategy, std::optional<int> depth,
                                       std::optional<int> threads, std::optional<ZeroOrder> zero_order);

// Are depth and threads within their ranges? Error: bad_input.
Result<void> check_settings(const EngineSettings& settings);

// "sequential, buffered, spawned, threads"
std::string_view strategy_names();

}  // namespace depthfinder
