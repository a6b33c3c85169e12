// SPDX-License-Identifier: MIT
#include "scenarios/server_spec_loader.h"

#include <nlohmann/json.hpp>

#include "scenarios/fault_text.h"
#include "scenarios/json_reader.h"
#include "scenarios/recorded_time.h"
#include "scenarios/server_schema.h"
#include "scenarios/server_spec_check.h"
#include "scenarios/time_distribution_text.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using std::filesystem::path;

Result<void> read_distribution(const JsonReader& reader, const char* key, const path& base_directory,
                               TimeDistribution& distribution) {
  if (!reader.has(key)) return {};
  auto parsed = parse_time_distribution(reader.at(key), base_directory);
  if (!parsed) return pass_on(parsed.error(), reader.place_of(key));
  distribution = std::move(*parsed);
  return {};
}

Result<void> read_storage(const JsonReader& reader, const path& base_directory, StorageSpec& storage) {
  reader.value("servers", storage.servers);
  DF_TRY(read_distribution(reader, "time", base_directory, storage.time));
  return reader.rate("rate", storage.rate_bytes_per_s);
}

Result<void> read_disk(const JsonReader& reader, DiskSpec& disk) {
  if (reader.has("layout") && reader.at("layout") == "scattered") disk.layout = DiskSpec::Layout::scattered;
  reader.value("disks", disk.disks);
  DF_TRY(reader.rate("rate", disk.rate_bytes_per_s));
  DF_TRY(reader.duration("settle", disk.settle));
  DF_TRY(reader.duration("stroke", disk.stroke));
  DF_TRY(reader.duration("rotation", disk.rotation));
  reader.value("reads", disk.reads);
  std::uint64_t span_bytes = disk.span_chunks * kChunkBytes;
  DF_TRY(reader.bytes("span", span_bytes));
  disk.span_chunks = span_bytes / kChunkBytes;
  return {};
}

Result<void> read_cache(const JsonReader& reader, CacheSpec& cache) {
  if (reader.has("hit_share") == reader.has("size"))
    return reader.refuse("hit_share", "a cache has either hit_share or size");
  if (reader.has("warm") && !reader.has("size"))
    return reader.refuse("warm", "only a cache with a size is warm or cold");
  reader.value("hit_share", cache.hit_share);
  DF_TRY(reader.bytes("size", cache.size_bytes));
  reader.value("warm", cache.warm);
  return reader.duration("time", cache.time);
}

void read_request_limit(const JsonReader& reader, RequestLimitSpec& limit) {
  reader.value("per_second", limit.per_second);
  reader.value("burst", limit.burst);
}

Result<void> read_load(const JsonReader& reader, LoadSpec& load) {
  reader.value("free", load.free);
  return reader.duration("per_request", load.per_request);
}

Result<void> read_models(const JsonReader& reader, const path& base_directory, ServerSpec& server) {
  const auto nested = [&reader](const char* key) { return JsonReader(reader.at(key), reader.place_of(key)); };
  if (reader.has("storage"))
    DF_TRY(read_storage(nested("storage"), base_directory, server.storage.emplace()));
  if (reader.has("disk")) DF_TRY(read_disk(nested("disk"), server.disk.emplace()));
  if (reader.has("cache")) DF_TRY(read_cache(nested("cache"), server.cache.emplace()));
  if (reader.has("request_limit"))
    read_request_limit(nested("request_limit"), server.request_limit.emplace());
  if (reader.has("first_byte"))
    DF_TRY(read_distribution(reader, "first_byte", base_directory, server.first_byte.emplace()));
  if (reader.has("load")) DF_TRY(read_load(nested("load"), server.load.emplace()));
  return {};
}

Result<void> read_replay_of(const JsonReader& reader, const path& base_directory,
                            std::vector<Nanoseconds>& waits) {
  if (!reader.has("replay")) return {};
  const json& value = reader.at("replay");
  if (value.is_string()) {
    auto read = read_replay(value.get_ref<const std::string&>(), base_directory);
    if (!read) return pass_on(read.error(), reader.place_of("replay"));
    waits = std::move(*read);
    return {};
  }
  for (const json& wait : value) {
    const auto parsed = parse_time_of_service(wait.get_ref<const std::string&>());
    if (!parsed) return pass_on(parsed.error(), reader.place_of("replay"));
    waits.push_back(*parsed);
  }
  return {};
}

Result<void> read_faults(const JsonReader& reader, std::vector<FaultSpec>& faults) {
  if (!reader.has("faults")) return {};
  for (const json& fault : reader.at("faults")) {
    const std::string place = fmt::format("{}.{}", reader.place_of("faults"), faults.size());
    DF_ASSIGN(FaultSpec parsed, parse_fault(fault, place));
    faults.push_back(std::move(parsed));
  }
  return {};
}

Result<ServerSpec> read_server(const JsonReader& reader, const path& base_directory) {
  ServerSpec server;
  DF_TRY(reader.duration("latency", server.latency));
  DF_TRY(reader.duration("jitter", server.jitter));
  DF_TRY(reader.duration("connect", server.connect));
  DF_TRY(read_models(reader, base_directory, server));
  DF_TRY(reader.rate("rate", server.rate_bytes_per_s));
  DF_TRY(reader.rate("connection_rate", server.connection_rate_bytes_per_s));
  DF_TRY(read_replay_of(reader, base_directory, server.replay));
  DF_TRY(read_faults(reader, server.faults));
  reader.value("seed", server.seed);
  DF_TRY(check_server_spec(server));
  return server;
}

}  // namespace

Result<ServerSpec> parse_server_spec(const json& object, const path& base_directory) {
  DF_TRY(check_server_schema(object));
  try {
    return read_server(JsonReader(object, "server"), base_directory);
  } catch (const std::exception& error) {  // a type that the schema lets pass and the value does not fit
    return fail(ErrorKind::bad_input, "server cannot be read: {}", error.what());
  }
}

}  // namespace depthfinder
