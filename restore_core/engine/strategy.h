// SPDX-License-Identifier: MIT
// Strategies are settings of one engine, each standing for a way that images have been restored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

enum class DecodeOn {
  consumer,  // the consumer, when it takes the chunk
  workers,   // T threads, each a chunk at a time
  lanes,     // T threads that hash several chunks side by side
  fetchers,  // N threads, each fetching and decoding one chunk
};
enum class ZeroOrder { in_order, first };
enum class ChunkMemory {
  pool,   // kept from chunk to chunk
  fresh,  // allocated for every chunk and given back after it, as the real client does
};
std::string_view chunk_memory_name(ChunkMemory buffers);  // "pool", "fresh"

struct EngineSettings {
  std::string_view strategy = "spawned";  // the name these settings started from
  int depth = 16;  // chunks in flight: requested, arrived, decoded or being written; with depth_auto the most
  int threads = 4;  // decode workers; only DecodeOn::workers and lanes have them, the others have 0
  DecodeOn decode_on = DecodeOn::workers;
  ZeroOrder zero_order = ZeroOrder::in_order;
  int writers = 0;  // threads that write; with 0 the consumer does
  ChunkMemory buffers = ChunkMemory::pool;
  int chunk_cache = 0;      // repeated chunks that are kept once decoded (hot_chunk_cache.h); 0: none
  bool coalesce = false;    // a digest that is in flight is not fetched again
  bool depth_auto = false;  // a controller moves the depth, at most to `depth`
  bool threads_auto = false;
};

inline constexpr int kDepthMax = 1024;
inline constexpr int kThreadsMax = 256;
inline constexpr int kChunkCacheMax = 64;

// What is asked for; a strategy's defaults stand where nothing is.
struct WantedSettings {
  std::optional<int> depth = {}, threads = {}, writers = {};
  std::optional<ZeroOrder> zero_order = {};
  ChunkMemory buffers = ChunkMemory::pool;
  int chunk_cache = 0;
  bool depth_auto = false;    // `depth` is then the most
  bool threads_auto = false;  // `threads` is then the most
};

// The named strategy: "sequential" (depth 1, decoded by the consumer), "buffered" (decoded by the consumer, 16),
// "spawned" (16 / 4 workers), "threads" (N fetch-and-decode threads, zero chunks first), "pipelined" (16 / 2 workers
// with hash lanes, 1 writer, zero chunks off the queue, duplicates fetched once). Threads are taken over only where
// there are decode workers.
// Errors: bad_input (unknown name, depth other than 1 for sequential, writers or automatic threads for a strategy that
// has none, numbers out of range).
Result<EngineSettings> engine_settings(std::string_view strategy, const WantedSettings& wanted);

// Are the numbers within their ranges? Error: bad_input.
Result<void> check_settings(const EngineSettings& settings);

// "sequential, buffered, spawned, threads, pipelined"
std::string_view strategy_names();

}  // namespace depthfinder
