// SPDX-License-Identifier: MIT
#include "restore_core/engine/strategy.h"

#include <algorithm>
#include <array>

namespace depthfinder {
namespace {

constexpr std::array<EngineSettings, 4> kStrategies{{
    {"sequential", 1, 0, DecodeOn::consumer, ZeroOrder::in_order},
    {"buffered", 16, 0, DecodeOn::consumer, ZeroOrder::in_order},
    {"spawned", 16, 4, DecodeOn::workers, ZeroOrder::in_order},
    {"threads", 16, 0, DecodeOn::fetchers, ZeroOrder::first},
}};

Result<EngineSettings> find_strategy(std::string_view name) {
  const auto* found = std::find_if(kStrategies.begin(), kStrategies.end(),
                                   [&](const auto& entry) { return entry.strategy == name; });
  if (found != kStrategies.end()) return *found;
  if (name == "pipelined")
    return fail(ErrorKind::bad_input, "strategy 'pipelined' is not there yet; use one of {}",
                strategy_names());
  return fail(ErrorKind::bad_input, "unknown strategy '{}'; use one of {}", name, strategy_names());
}

Result<void> check_range(std::string_view what, int value, int highest) {
  if (value >= 1 && value <= highest) return {};
  return fail(ErrorKind::bad_input, "{} {} is out of range; use 1 to {}", what, value, highest);
}

}  // namespace

std::string_view strategy_names() { return "sequential, buffered, spawned, threads"; }

Result<void> check_settings(const EngineSettings& settings) {
  DF_TRY(check_range("depth", settings.depth, kDepthMax));
  if (settings.decode_on == DecodeOn::workers) DF_TRY(check_range("threads", settings.threads, kThreadsMax));
  return {};
}

Result<EngineSettings> engine_settings(std::string_view strategy, std::optional<int> depth,
                                       std::optional<int> threads, std::optional<ZeroOrder> zero_order) {
  DF_ASSIGN(EngineSettings settings, find_strategy(strategy));
  if (depth) DF_TRY(check_range("depth", *depth, kDepthMax));
  if (threads) DF_TRY(check_range("threads", *threads, kThreadsMax));
  if (strategy == "sequential" && depth.value_or(1) != 1)
    return fail(ErrorKind::bad_input, "strategy 'sequential' has depth 1, not {}; use 'buffered' for more",
                *depth);
  settings.depth = depth.value_or(settings.depth);
  if (settings.decode_on == DecodeOn::workers) settings.threads = threads.value_or(settings.threads);
  settings.zero_order = zero_order.value_or(settings.zero_order);
  return settings;
}

}  // namespace depthfinder
