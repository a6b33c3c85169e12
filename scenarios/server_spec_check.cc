// SPDX-License-Identifier: MIT
#include "scenarios/server_spec_check.h"

namespace depthfinder {
namespace {

constexpr std::size_t kReplayMax = 1'000'000;  // waits; 4 TB of chunks

template <typename... Args>
Result<void> refuse(std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorKind::bad_input, "server.{}: {}", key, fmt::format(format, std::forward<Args>(args)...));
}

Result<void> check_replay(const ServerSpec& server) {
  if (server.replay.empty()) return {};
  if (server.replay.size() > kReplayMax)
    return refuse("replay", "has {} waits, more than {}: cut the trace", server.replay.size(), kReplayMax);
  const std::pair<bool, const char*> others[] = {
      {server.latency.count() > 0, "latency"},       {server.jitter.count() > 0, "jitter"},
      {server.storage.has_value(), "storage"},       {server.disk.has_value(), "disk"},
      {server.cache.has_value(), "cache"},           {server.request_limit.has_value(), "request_limit"},
      {server.first_byte.has_value(), "first_byte"}, {server.load.has_value(), "load"}};
  for (const auto& [given, key] : others)
    if (given) return refuse("replay", "its waits are in the place of all others: leave {} out", key);
  return {};
}

Result<void> check_storage(const StorageSpec& storage) {
  if (storage.time == TimeDistribution(ConstantTime{}) && storage.rate_bytes_per_s == 0)
    return refuse("storage", "needs a time or a rate");
  return {};
}

Result<void> check_disk(const DiskSpec& disk) {
  if (disk.rate_bytes_per_s == 0) return refuse("disk.rate", "must be more than 0");
  if (disk.span_chunks == 0) return refuse("disk.span", "must be at least one chunk, 4MiB");
  if (disk.settle > disk.stroke)
    return refuse("disk.settle", "must not be longer than stroke, which is the longest seek");
  return {};
}

Result<void> check_cache(const ServerSpec& server) {
  if (server.cache->hit_share == 0 && server.cache->size_bytes == 0)
    return refuse("cache.size", "must be more than 0");
  if (!server.storage && !server.disk && !server.first_byte && !server.request_limit)
    return refuse("cache", "needs something behind it: storage, disk, first_byte or request_limit");
  return {};
}

}  // namespace

Result<void> check_server_spec(const ServerSpec& server) {
  DF_TRY(check_replay(server));
  if (server.jitter > server.latency)
    return refuse("jitter", "must not be more than latency, since it is taken from it too");
  if (server.storage) DF_TRY(check_storage(*server.storage));
  if (server.disk) DF_TRY(check_disk(*server.disk));
  if (server.cache) DF_TRY(check_cache(server));
  if (server.load && server.load->per_request.count() == 0)
    return refuse("load.per_request", "must be more than 0");
  return {};
}

}  // namespace depthfinder
