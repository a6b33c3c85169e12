// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "scenarios/exact_units.h"
#include "scenarios/fault_text.h"
#include "scenarios/server_spec_loader.h"
#include "scenarios/time_distribution_text.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

ordered_json storage_json(const StorageSpec& storage) {
  ordered_json object = {{"servers", storage.servers}, {"time", time_distribution_json(storage.time)}};
  if (storage.rate_bytes_per_s > 0) object["rate"] = exact_rate(storage.rate_bytes_per_s);
  return object;
}

ordered_json disk_json(const DiskSpec& disk) {
  return {{"layout", disk.layout == DiskSpec::Layout::sequential ? "sequential" : "scattered"},
          {"disks", disk.disks},
          {"rate", exact_rate(disk.rate_bytes_per_s)},
          {"settle", exact_duration(disk.settle)},
          {"stroke", exact_duration(disk.stroke)},
          {"rotation", exact_duration(disk.rotation)},
          {"reads", disk.reads},
          {"span", exact_bytes(disk.span_chunks * kChunkBytes)}};
}

ordered_json cache_json(const CacheSpec& cache) {
  ordered_json object;
  if (cache.size_bytes > 0)
    object = {{"size", exact_bytes(cache.size_bytes)}, {"warm", cache.warm}};
  else
    object = {{"hit_share", cache.hit_share}};
  object["time"] = exact_duration(cache.time);
  return object;
}

ordered_json replay_json(const std::vector<Nanoseconds>& waits) {
  ordered_json array = ordered_json::array();
  for (const Nanoseconds wait : waits) array.push_back(exact_duration(wait));
  return array;
}

void add_models(const ServerSpec& server, ordered_json& object) {
  if (server.storage) object["storage"] = storage_json(*server.storage);
  if (server.disk) object["disk"] = disk_json(*server.disk);
  if (server.cache) object["cache"] = cache_json(*server.cache);
  if (server.request_limit)
    object["request_limit"] = {{"per_second", server.request_limit->per_second},
                               {"burst", server.request_limit->burst}};
  if (server.first_byte) object["first_byte"] = time_distribution_json(*server.first_byte);
  if (server.load)
    object["load"] = {{"free", server.load->free}, {"per_request", exact_duration(server.load->per_request)}};
}

}  // namespace

ordered_json server_spec_json(const ServerSpec& server) {
  ordered_json object = ordered_json::object();
  if (server.latency.count() > 0) object["latency"] = exact_duration(server.latency);
  if (server.jitter.count() > 0) object["jitter"] = exact_duration(server.jitter);
  if (server.connect.count() > 0) object["connect"] = exact_duration(server.connect);
  add_models(server, object);
  if (server.rate_bytes_per_s > 0) object["rate"] = exact_rate(server.rate_bytes_per_s);
  if (server.connection_rate_bytes_per_s > 0)
    object["connection_rate"] = exact_rate(server.connection_rate_bytes_per_s);
  if (!server.replay.empty()) object["replay"] = replay_json(server.replay);
  if (!server.faults.empty()) {
    ordered_json& faults = object["faults"] = ordered_json::array();
    for (const FaultSpec& fault : server.faults) faults.push_back(fault_json(fault));
  }
  object["seed"] = server.seed;
  return object;
}

}  // namespace depthfinder
