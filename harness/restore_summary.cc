// SPDX-License-Identifier: MIT
#include "harness/restore_summary.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "reports/result_check.h"
#include "restore_core/base/file.h"
#include "restore_core/base/printable.h"

namespace depthfinder {
namespace {

using Json = nlohmann::ordered_json;

Json stage_json(const StageClock& clock) {
  return {{"busy_s", to_seconds(clock.busy)}, {"wait_s", to_seconds(clock.wait)}};
}

Json stages_json(const StageClocks& stages) {
  return {{"receive", stage_json(stages.receive)}, {"crc", stage_json(stages.crc)},
          {"decrypt", stage_json(stages.decrypt)}, {"decompress", stage_json(stages.decompress)},
          {"hash", stage_json(stages.hash)},       {"write", stage_json(stages.write)}};
}

// Nearest rank; 0 where there are none.
double percentile_ms(const std::vector<Nanoseconds>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return to_seconds(sorted[std::max<std::size_t>(rank, 1) - 1]) * 1e3;
}

Json latency_json(std::vector<Nanoseconds> latencies) {
  std::sort(latencies.begin(), latencies.end());
  return {{"p50", percentile_ms(latencies, 0.5)},
          {"p90", percentile_ms(latencies, 0.9)},
          {"p99", percentile_ms(latencies, 0.99)},
          {"max", percentile_ms(latencies, 1.0)}};
}

Json trace_json(const std::vector<DepthTracePoint>& trace) {
  Json points = Json::array();
  for (const DepthTracePoint& point : trace)
    points.push_back({{"t_s", to_seconds(point.time)},
                      {"depth", point.depth},
                      {"threads", point.threads},
                      {"goodput_mib_per_s", point.goodput_bytes_per_s / 0x1.0p20},
                      {"decision", point.decision},
                      {"reason", point.reason}});
  return points;
}

Json images_json(const RestoreSummary& summary) {
  Json images = Json::array();
  for (std::size_t i = 0; i < summary.images.size(); ++i) {
    const RestoredImage& image = summary.images[i];
    Json json = {{"archive", image.archive},
                 {"logical_bytes", summary.stats.images[i].logical_bytes},
                 {"zero_bytes", summary.stats.images[i].zero_bytes}};
    if (image.sha256) json["image_sha256"] = to_hex(*image.sha256);
    images.push_back(std::move(json));
  }
  return images;
}

// Of what may be another build's, and print anything. The largest that the schema of results takes.
double figure(const Json& json, const char* key) {
  constexpr double kFigureMax = 1e9;
  const double value = json.at(key).get<double>();
  if (!(value >= 0 && value <= kFigureMax)) throw std::range_error(fmt::format("{} is {}", key, value));
  return value;
}

std::uint64_t count(const Json& json, const char* key) {
  constexpr std::uint64_t kCountMax = std::numeric_limits<std::int64_t>::max();
  const Json& value = json.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kCountMax)
    throw std::range_error(fmt::format("{} is no count", key));
  return value.get<std::uint64_t>();
}

StageTime read_stage(const Json& stages, const char* name) {
  return {figure(stages.at(name), "busy_s"), figure(stages.at(name), "wait_s")};
}

// Absent and null are the same: not measured.
std::optional<double> read_figure(const Json& json, const char* key) {
  if (!json.contains(key) || json.at(key).is_null()) return std::nullopt;
  return figure(json, key);
}

BystanderTimes read_bystander_times(const Json& json) {
  return {count(json, "samples"), figure(json, "p50_ms"), figure(json, "p99_ms"),
          read_figure(json, "p999_ms"), json.value("max_ms", 0.0)};
}

BystanderFigures read_bystander(const Json& json) {
  return {json.at("kind").get<std::string>(),
          read_bystander_times(json.at("alone")),
          read_bystander_times(json.at("beside")),
          figure(json, "ratio_p50"),
          figure(json, "ratio_p99"),
          read_figure(json, "ratio_p999")};
}

DepthStep read_depth_step(const Json& json) {
  return {figure(json, "t_s"),
          json.at("depth").get<int>(),
          json.at("threads").get<int>(),
          figure(json, "goodput_mib_per_s"),
          json.at("decision").get<std::string>(),
          json.at("reason").get<std::string>()};
}

// What restores of an older version do not say.
void read_optional_metrics(const Json& json, TrialMetrics& m) {
  m.coalesced = json.value("coalesced", m.coalesced);
  m.cache_hits = json.value("cache_hits", m.cache_hits);
  m.sha256_lane_kernel = json.value("sha256_lane_kernel", m.sha256_lane_kernel);
  m.depth_mean = json.contains("depth_mean") ? figure(json, "depth_mean") : figure(json, "depth");
  m.threads_mean = json.contains("threads_mean") ? figure(json, "threads_mean") : figure(json, "threads");
  if (json.contains("depth_trace"))
    for (const Json& step : json.at("depth_trace")) m.depth_trace.push_back(read_depth_step(step));
  m.cpu_floor_s = read_figure(json, "cpu_floor_s");
  m.cpu_over_floor = read_figure(json, "cpu_over_floor");
  if (json.contains("bystander") && !json.at("bystander").is_null())
    m.bystander = read_bystander(json.at("bystander"));
}

TrialMetrics read_metrics(const Json& json) {
  TrialMetrics m;
  m.logical_bytes = count(json, "logical_bytes");
  m.zero_bytes = count(json, "zero_bytes");
  m.wire_bytes = count(json, "wire_bytes");
  m.duration_s = figure(json, "duration_s");
  m.throughput_mib_per_s = figure(json, "throughput_mib_per_s");
  m.cpu_user_s = figure(json, "cpu_user_s");
  m.cpu_sys_s = figure(json, "cpu_sys_s");
  m.peak_rss_bytes = count(json, "peak_rss_bytes");
  m.in_flight_mean = figure(json, "in_flight_mean");
  m.slots_used_mean = figure(json, "slots_used_mean");
  m.requests = count(json, "requests");
  m.retries = count(json, "retries");
  const Json& chunk = json.at("chunk_ms");
  m.chunk = {figure(chunk, "p50"), figure(chunk, "p90"), figure(chunk, "p99"), figure(chunk, "max")};
  const Json& stages = json.at("stages");
  m.stages = {read_stage(stages, "receive"),    read_stage(stages, "crc"),  read_stage(stages, "decrypt"),
              read_stage(stages, "decompress"), read_stage(stages, "hash"), read_stage(stages, "write")};
  m.sha256_kernel = json.at("sha256_kernel").get<std::string>();
  m.openssl_cpu_settings = json.at("openssl_cpu_settings").get<std::string>();
  read_optional_metrics(json, m);
  return m;
}

}  // namespace

ProcessUsage process_usage() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  ProcessUsage result{seconds(usage.ru_utime), seconds(usage.ru_stime),
                      static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
  // ru_maxrss may still hold what the process was before exec(); VmHWM starts anew with it.
  const auto status = read_file("/proc/self/status", 1 << 20);
  if (!status) return result;
  const std::string_view text = as_text(*status);
  const std::size_t at = text.find("VmHWM:");
  if (at == std::string_view::npos) return result;
  const std::size_t digits = text.find_first_of("0123456789", at);
  std::uint64_t kib = 0;
  std::from_chars(text.data() + digits, text.data() + text.size(), kib);
  result.peak_rss_bytes = kib * 1024;
  return result;
}

void append_restore(RestoreStats& sum, const RestoreStats& next) {
  const double before_s = to_seconds(sum.duration);
  const double next_s = to_seconds(next.duration);
  const auto mean = [&](double& value, double other) {
    value = (value * before_s + other * next_s) / std::max(before_s + next_s, 1e-9);
  };
  mean(sum.in_flight_mean, next.in_flight_mean);
  mean(sum.slots_used_mean, next.slots_used_mean);
  mean(sum.depth_mean, next.depth_mean);
  mean(sum.threads_mean, next.threads_mean);
  mean(sum.hash_batch_mean, next.hash_batch_mean);
  for (DepthTracePoint point : next.depth_trace) {
    point.time += sum.duration;
    sum.depth_trace.push_back(std::move(point));
  }
  sum.duration += next.duration;
  sum.logical_bytes += next.logical_bytes;
  sum.zero_bytes += next.zero_bytes;
  sum.reused_bytes += next.reused_bytes;
  sum.wire_bytes += next.wire_bytes;
  sum.payload_bytes += next.payload_bytes;
  sum.compressed_bytes += next.compressed_bytes;
  sum.decompressed_bytes += next.decompressed_bytes;
  sum.requests += next.requests;
  sum.retries += next.retries;
  sum.coalesced += next.coalesced;
  sum.cache_hits += next.cache_hits;
  sum.lane_kernel = next.lane_kernel;
  sum.stages += next.stages;
  sum.images.insert(sum.images.end(), next.images.begin(), next.images.end());
  sum.chunk_latency.insert(sum.chunk_latency.end(), next.chunk_latency.begin(), next.chunk_latency.end());
}

double throughput_mib_per_s(const RestoreStats& stats) {
  const double seconds = std::max(to_seconds(stats.duration), 1e-9);
  return static_cast<double>(stats.logical_bytes) / 0x1.0p20 / seconds;
}

std::string restore_summary_json(const RestoreSummary& summary) {
  const RestoreStats& stats = summary.stats;
  Json json = {{"logical_bytes", stats.logical_bytes},
               {"zero_bytes", stats.zero_bytes},
               {"reused_bytes", stats.reused_bytes},
               {"wire_bytes", stats.wire_bytes},
               {"duration_s", to_seconds(stats.duration)},
               {"throughput_mib_per_s", throughput_mib_per_s(stats)},
               {"cpu_user_s", summary.usage.cpu_user_s},
               {"cpu_sys_s", summary.usage.cpu_sys_s},
               {"peak_rss_bytes", summary.usage.peak_rss_bytes},
               {"strategy", summary.settings.strategy},
               {"depth", summary.settings.depth},
               {"threads", summary.settings.threads},
               {"connections", summary.reader.connections},
               {"http2_window_bytes", summary.reader.http2_window_bytes},
               {"http2_frame_bytes", summary.reader.http2_frame_bytes_max},
               {"writers", summary.settings.writers},
               {"buffers", chunk_memory_name(summary.settings.buffers)},
               {"chunk_cache", summary.settings.chunk_cache},
               {"depth_auto", summary.settings.depth_auto},
               {"threads_auto", summary.settings.threads_auto},
               {"depth_mean", stats.depth_mean},
               {"threads_mean", stats.threads_mean},
               {"depth_trace", trace_json(stats.depth_trace)},
               {"sha256_kernel", summary.sha256_kernel},
               {"sha256_lane_kernel", stats.lane_kernel},
               {"hash_batch_mean", stats.hash_batch_mean},
               {"openssl_cpu_settings", summary.openssl_cpu_settings},
               {"in_flight_mean", stats.in_flight_mean},
               {"slots_used_mean", stats.slots_used_mean},
               {"requests", stats.requests},
               {"retries", stats.retries},
               {"coalesced", stats.coalesced},
               {"cache_hits", stats.cache_hits},
               {"chunk_ms", latency_json(stats.chunk_latency)},
               {"stages", stages_json(stats.stages)}};
  json["images"] = images_json(summary);
  json["cpu_floor_s"] = nullptr;
  json["cpu_over_floor"] = nullptr;
  if (summary.cpu_floor_s) {
    json["cpu_floor_s"] = *summary.cpu_floor_s;
    if (*summary.cpu_floor_s > 0)
      json["cpu_over_floor"] = (summary.usage.cpu_user_s + summary.usage.cpu_sys_s) / *summary.cpu_floor_s;
  }
  json["bystander"] = nullptr;
  if (summary.bystander) json["bystander"] = bystander_json(*summary.bystander);
  if (summary.images.size() == 1 && summary.images.front().sha256)
    json["image_sha256"] = to_hex(*summary.images.front().sha256);
  return json.dump();
}

Result<TrialMetrics> read_restore_summary(std::string_view json) {
  constexpr std::string_view kPlace = "the JSON that the restore printed";
  try {
    TrialMetrics metrics = read_metrics(Json::parse(json));
    DF_TRY(check_metrics(metrics, kPlace));
    return metrics;
  } catch (const std::exception& error) {
    return fail(ErrorKind::protocol, "{} cannot be used: {}", kPlace, printable(error.what()));
  }
}

}  // namespace depthfinder
