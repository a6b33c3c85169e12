// SPDX-License-Identifier: MIT
#include "mock_server/protocol/metrics.h"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "scenarios/server_spec_loader.h"

namespace depthfinder::mock {

namespace {

using nlohmann::ordered_json;

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

ordered_json latency_json(const LatencyHistogram& histogram) {
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

ordered_json link_json(SharedLink& link) {
  return {{"asked_bytes_per_s", link.bytes_per_s()},
          {"bytes", link.bytes()},
          {"busy_s", to_seconds(link.busy())},
          {"lost_s", to_seconds(link.lost())}};
}

ordered_json faults_json(FaultPlan& faults) {
  ordered_json json = ordered_json::object();
  for (const auto& [kind, count] : faults.injected()) json[std::string(fault_kind_name(kind))] = count;
  return json;
}

}  // namespace

void Metrics::record_request(std::string_view route, int status) {
  MutexLock lock(mutex_);
  ++counters_.requests[{std::string(route), status}];
}

void Metrics::record_chunk_released(const RequestTimeline& timeline, std::uint64_t in_flight) {
  const TimePoint released = timeline.released.value_or(timeline.ready);
  MutexLock lock(mutex_);
  counters_.asked.add(timeline.ready - timeline.arrival);
  counters_.served.add(released - timeline.arrival);
  counters_.lateness.add(released - timeline.ready);
  counters_.in_flight_max = std::max(counters_.in_flight_max, in_flight);
}

void Metrics::record_chunk_sent(const RequestTimeline& timeline) {
  MutexLock lock(mutex_);
  ++counters_.chunks;
  counters_.chunk_bytes += timeline.bytes;
  counters_.first_byte.add(timeline.first_byte.value_or(timeline.arrival) - timeline.arrival);
  counters_.last_byte.add(timeline.last_byte.value_or(timeline.arrival) - timeline.arrival);
}

void Metrics::record_load(std::uint64_t connection, Nanoseconds cpu, Nanoseconds open) {
  MutexLock lock(mutex_);
  Load& load = counters_.loads[connection];
  load.cpu += cpu;
  load.open += open;
}

void Metrics::end_load(std::uint64_t connection) {
  MutexLock lock(mutex_);
  const auto found = counters_.loads.find(connection);
  if (found == counters_.loads.end()) return;
  counters_.busiest_ended_share = std::max(counters_.busiest_ended_share, cpu_share(found->second));
  counters_.loads.erase(found);
}

void Metrics::connection_opened(std::string_view priority) {
  MutexLock lock(mutex_);
  priority_ = priority;
  ++counters_.connections_total;
  ++connections_open_;
}

void Metrics::connection_closed() {
  MutexLock lock(mutex_);
  --connections_open_;
}

void Metrics::reset() {
  const rusage usage = process_usage();
  MutexLock lock(mutex_);
  counters_ = Counters();
  counters_.cpu_user_before_s = seconds_of(usage.ru_utime);
  counters_.cpu_sys_before_s = seconds_of(usage.ru_stime);
}

double Metrics::cpu_share(const Load& load) {
  // Shorter than this says nothing: the clocks of threads tick coarsely.
  constexpr Nanoseconds kOpenMin = std::chrono::milliseconds(10);
  return load.open < kOpenMin ? 0 : std::min(to_seconds(load.cpu) / to_seconds(load.open), 1.0);
}

double Metrics::busiest_cpu_share(const Counters& counters) {
  double share = counters.busiest_ended_share;
  for (const auto& [connection, load] : counters.loads) share = std::max(share, cpu_share(load));
  return share;
}

std::string Metrics::json(Behaviour& behaviour) {
  const rusage usage = process_usage();
  MutexLock lock(mutex_);
  ordered_json requests = ordered_json::array();
  for (const auto& [key, count] : counters_.requests)
    requests.push_back({{"route", key.first}, {"status", key.second}, {"count", count}});
  const ordered_json json = {
      {"cpu_user_s", seconds_of(usage.ru_utime) - counters_.cpu_user_before_s},
      {"cpu_sys_s", seconds_of(usage.ru_stime) - counters_.cpu_sys_before_s},
      {"rss_bytes", resident_bytes()},
      {"thread_priority", priority_},
      {"configured", server_spec_json(behaviour.spec)},
      {"connections", {{"open", connections_open_}, {"total", counters_.connections_total}}},
      {"requests", std::move(requests)},
      {"chunks",
       {{"count", counters_.chunks},
        {"bytes", counters_.chunk_bytes},
        {"latency_asked_ms", latency_json(counters_.asked)},
        {"latency_served_ms", latency_json(counters_.served)},
        {"lateness_ms", latency_json(counters_.lateness)},
        {"first_byte_ms", latency_json(counters_.first_byte)},
        {"last_byte_ms", latency_json(counters_.last_byte)},
        {"in_flight_max", counters_.in_flight_max}}},
      {"link", link_json(behaviour.link)},
      {"busiest_connection_cpu_share", busiest_cpu_share(counters_)},
      {"faults", faults_json(behaviour.faults)}};
  return json.dump();
}

}  // namespace depthfinder::mock
