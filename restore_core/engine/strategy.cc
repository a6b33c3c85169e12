// SPDX-License-Identifier: MIT
#include "restore_core/engine/strategy.h"

#include <algorithm>
#include <array>
#include <string>

#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

constexpr std::array<EngineSettings, 5> kStrategies{{
    {.strategy = "sequential", .depth = 1, .threads = 0, .decode_on = DecodeOn::consumer},
    {.strategy = "buffered", .depth = 16, .threads = 0, .decode_on = DecodeOn::consumer},
    {.strategy = "spawned", .depth = 16, .threads = 4, .decode_on = DecodeOn::workers},
    {.strategy = "threads",
     .depth = 16,
     .threads = 0,
     .decode_on = DecodeOn::fetchers,
     .zero_order = ZeroOrder::first},
    {.strategy = "pipelined",
     .depth = 16,
     .threads = 2,
     .decode_on = DecodeOn::lanes,
     .zero_order = ZeroOrder::first,
     .writers = 1,
     .coalesce = true},
}};

Result<EngineSettings> find_strategy(std::string_view name) {
  const auto* found = std::find_if(kStrategies.begin(), kStrategies.end(),
                                   [&](const auto& entry) { return entry.strategy == name; });
  if (found != kStrategies.end()) return *found;
  return fail(ErrorKind::bad_input, "unknown strategy '{}'; use one of {}", name, strategy_names());
}

bool has_workers(DecodeOn decode_on) {
  return decode_on == DecodeOn::workers || decode_on == DecodeOn::lanes;
}

Result<void> check_range(std::string_view what, int value, int lowest, int highest) {
  if (value >= lowest && value <= highest) return {};
  return fail(ErrorKind::bad_input, "{} {} is out of range; use {} to {}", what, value, lowest, highest);
}

// What only some strategies can do.
Result<void> check_wanted(const EngineSettings& strategy, const WantedSettings& wanted) {
  const bool sequential = strategy.strategy == "sequential";
  if (sequential && (wanted.depth_auto || wanted.depth.value_or(1) != 1))
    return fail(ErrorKind::bad_input, "strategy 'sequential' has depth 1, not {}; use 'buffered' for more",
                wanted.depth_auto ? "auto" : std::to_string(*wanted.depth));
  if (wanted.depth_auto && strategy.decode_on == DecodeOn::fetchers)
    return fail(ErrorKind::bad_input,
                "strategy '{}' has a thread for each chunk in flight: its depth cannot be auto",
                strategy.strategy);
  if (wanted.threads_auto && strategy.decode_on != DecodeOn::lanes)
    return fail(ErrorKind::bad_input, "automatic threads are for strategy 'pipelined', not '{}'",
                strategy.strategy);
  if (wanted.writers && strategy.writers == 0)
    return fail(ErrorKind::bad_input, "strategy '{}' writes on its one consumer; writers are for 'pipelined'",
                strategy.strategy);
  return {};
}

}  // namespace

std::string_view chunk_memory_name(ChunkMemory buffers) {
  return buffers == ChunkMemory::pool ? "pool" : "fresh";
}

std::string_view strategy_names() { return "sequential, buffered, spawned, threads, pipelined"; }

Result<void> check_settings(const EngineSettings& settings) {
  DF_TRY(check_range("depth", settings.depth, 1, kDepthMax));
  if (has_workers(settings.decode_on)) DF_TRY(check_range("threads", settings.threads, 1, kThreadsMax));
  DF_TRY(check_range("writers", settings.writers, 0, kWritersMax));
  return check_range("chunk cache", settings.chunk_cache, 0, kChunkCacheMax);
}

Result<EngineSettings> engine_settings(std::string_view strategy, const WantedSettings& wanted) {
  DF_ASSIGN(EngineSettings settings, find_strategy(strategy));
  if (wanted.depth) DF_TRY(check_range("depth", *wanted.depth, 1, kDepthMax));
  if (wanted.threads) DF_TRY(check_range("threads", *wanted.threads, 1, kThreadsMax));
  if (wanted.writers) DF_TRY(check_range("writers", *wanted.writers, 1, kWritersMax));
  DF_TRY(check_wanted(settings, wanted));
  settings.depth = wanted.depth.value_or(settings.depth);
  if (has_workers(settings.decode_on)) settings.threads = wanted.threads.value_or(settings.threads);
  settings.writers = wanted.writers.value_or(settings.writers);
  settings.zero_order = wanted.zero_order.value_or(settings.zero_order);
  settings.buffers = wanted.buffers;
  settings.chunk_cache = wanted.chunk_cache;
  settings.depth_auto = wanted.depth_auto;
  settings.threads_auto = wanted.threads_auto;
  DF_TRY(check_settings(settings));
  return settings;
}

}  // namespace depthfinder
