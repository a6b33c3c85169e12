// SPDX-License-Identifier: MIT
#include "mock_server/protocol/metrics.h"

#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

namespace depthfinder::mock {

namespace {

using Json = nlohmann::ordered_json;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// 0 where /proc does not tell.
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return statm ? resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

double milliseconds(Nanoseconds duration) { return to_seconds(duration) * 1e3; }

Json latency_json(const LatencyHistogram& histogram) {
  return {{"count", histogram.count()},
          {"mean", milliseconds(histogram.mean())},
          {"p50", milliseconds(histogram.quantile(0.50))},
          {"p90", milliseconds(histogram.quantile(0.90))},
          {"p99", milliseconds(histogram.quantile(0.99))},
          {"max", milliseconds(histogram.max())}};
}

rusage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

}  // namespace

void Metrics::record_request(std::string_view route, int status) {
  MutexLock lock(mutex_);
  ++counters_.requests[{std::string(route), status}];
}

void Metrics::record_chunk_served(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  ++counters_.chunks;
  counters_.chunk_bytes += bytes;
}

void Metrics::record_chunk_latency(Nanoseconds asked, Nanoseconds served) {
  MutexLock lock(mutex_);
  counters_.asked.add(asked);
  counters_.served.add(served);
}

void Metrics::connection_opened() {
  MutexLock lock(mutex_);
  ++counters_.connections_total;
  ++connections_open_;
}

void Metrics::connection_closed() {
  MutexLock lock(mutex_);
  --connections_open_;
}

std::string Metrics::json(bool reset) {
  const rusage usage = process_usage();
  const double user_s = seconds_of(usage.ru_utime);
  const double sys_s = seconds_of(usage.ru_stime);
  MutexLock lock(mutex_);
  Json requests = Json::array();
  for (const auto& [key, count] : counters_.requests)
    requests.push_back({{"route", key.first}, {"status", key.second}, {"count", count}});
  const Json json = {{"cpu_user_s", user_s - counters_.cpu_user_before_s},
                     {"cpu_sys_s", sys_s - counters_.cpu_sys_before_s},
                     {"rss_bytes", resident_bytes()},
                     {"configured",
                      {{"latency_ms", milliseconds(configured_.latency)},
                       {"rate_bytes_per_s", configured_.rate_bytes_per_s}}},
                     {"connections", {{"open", connections_open_}, {"total", counters_.connections_total}}},
                     {"requests", std::move(requests)},
                     {"chunks",
                      {{"count", counters_.chunks},
                       {"bytes", counters_.chunk_bytes},
                       {"latency_asked_ms", milliseconds(counters_.asked.mean())},
                       {"latency_served_ms", latency_json(counters_.served)}}}};
  if (reset) {
    counters_ = Counters();
    counters_.cpu_user_before_s = user_s;
    counters_.cpu_sys_before_s = sys_s;
  }
  return json.dump();
}

}  // namespace depthfinder::mock
