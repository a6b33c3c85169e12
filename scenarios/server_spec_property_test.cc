// SPDX-License-Identifier: MIT
// Whatever a server is like, or a trace: what is written is read back to the same value.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "scenarios/latency_trace.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

bool maybe() { return *rc::gen::arbitrary<bool>(); }

// Round values and odd ones, long and short.
Nanoseconds any_time(std::int64_t lowest_ns = 0, std::int64_t highest_ns = kDayNs) {
  const std::int64_t unit = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000, 1'000'000'000);
  const std::int64_t count = *rc::gen::inRange<std::int64_t>(0, 100'000);
  return Nanoseconds(std::clamp(count * unit, lowest_ns, highest_ns));
}

// A number with up to 53 random bits, from `lowest` to `highest`.
double any_number(double lowest, double highest) {
  const auto bits = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 53);
  return std::min(highest, lowest + (highest - lowest) * (static_cast<double>(bits) * 0x1.0p-53));
}

double any_rate() {
  return maybe() ? static_cast<double>(*rc::gen::inRange(1, 100'000)) * 1e6 : any_number(1, 1e12);
}

RecordedTime any_recorded() {
  RecordedTime recorded{{{0, any_time(0, 1'000'000)}}};
  const int points = *rc::gen::inRange(0, 5);
  for (int i = 0; i < points; ++i) {
    const auto& [share, duration] = recorded.quantiles.back();
    const double next = maybe() ? share + 0.001 * *rc::gen::inRange(1, 200) : share + any_number(1e-6, 0.19);
    if (next > share && next < 1) recorded.quantiles.emplace_back(next, duration + any_time(0, kDayNs / 100));
  }
  recorded.quantiles.emplace_back(1, recorded.quantiles.back().second + any_time(0, kDayNs / 100));
  return recorded;
}

TimeDistribution any_distribution() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return ConstantTime{any_time()};
    case 1:
      return UniformTime{any_time(0, kDayNs / 2), Nanoseconds(kDayNs / 2) + any_time(1, kDayNs / 2)};
    case 2:
      return ExponentialTime{any_time(1)};
    case 3:
      return LogNormalTime{any_time(1), any_number(0, 10)};
    case 4:
      return ParetoTime{any_time(1, kDayNs / 2), Nanoseconds(kDayNs / 2) + any_time(1, kDayNs / 2),
                        any_number(0.01, 100)};
    default:
      return any_recorded();
  }
}

FaultSpec any_fault() {
  FaultSpec fault;
  fault.kind = static_cast<FaultKind>(*rc::gen::inRange(0, static_cast<int>(FaultKind::tls_alert) + 1));
  if (fault.kind == FaultKind::status) fault.status = *rc::gen::inRange(400, 600);
  if (fault.kind == FaultKind::stall) fault.duration = any_time(1);
  if (fault.kind == FaultKind::drip) fault.rate_bytes_per_s = any_rate();
  if (fault.kind != FaultKind::wrong_chunk)
    fault.on = static_cast<FaultOn>(*rc::gen::inRange(0, static_cast<int>(FaultOn::manifest) + 1));
  if (maybe()) fault.share = any_number(1e-9, 1);
  const bool chunk = fault.on == FaultOn::chunk;
  if (chunk && maybe())
    fault.digest = *rc::gen::nonEmpty(
        rc::gen::resize(8, rc::gen::container<std::string>(rc::gen::element('0', '7', 'a', 'f'))));
  const auto range = [](std::uint64_t lowest) {
    const auto first = *rc::gen::inRange<std::uint64_t>(lowest, 1ULL << 50);
    return FaultSpec::Range{first, first + *rc::gen::inRange<std::uint64_t>(0, 100)};
  };
  if (maybe()) fault.requests = range(1);
  if (chunk && maybe()) fault.positions = range(0);
  if (maybe()) fault.after = any_time(0, kDayNs / 2);
  if (maybe()) fault.until = Nanoseconds(kDayNs / 2) + any_time(1, kDayNs / 2);
  if (maybe()) fault.times = *rc::gen::inRange<std::uint64_t>(1, 1ULL << 53);
  return fault;
}

DiskSpec any_disk() {
  DiskSpec disk;
  disk.layout = *rc::gen::element(DiskSpec::Layout::sequential, DiskSpec::Layout::scattered);
  disk.disks = *rc::gen::inRange(1, 1025);
  disk.rate_bytes_per_s = any_rate();
  disk.settle = any_time(0, 1'000'000);
  disk.stroke = any_time(1'000'000);
  disk.rotation = any_time();
  disk.reads = *rc::gen::inRange(1, 1025);
  disk.span_chunks = *rc::gen::inRange<std::uint64_t>(1, 1ULL << 31);
  return disk;
}

void add_models(ServerSpec& server) {
  server.latency = any_time();
  if (maybe()) server.jitter = any_time(0, server.latency.count());
  if (maybe()) server.storage = StorageSpec{*rc::gen::inRange(1, 1025), any_distribution(), any_rate()};
  if (maybe()) server.disk = any_disk();
  if (maybe()) server.first_byte = any_distribution();
  if (maybe()) server.request_limit = RequestLimitSpec{any_number(0.001, 1e9), any_number(1, 1e9)};
  if (maybe()) server.load = LoadSpec{*rc::gen::inRange(0, 1'000'001), any_time(1)};
  if (!server.storage && !server.disk && !server.first_byte && !server.request_limit) return;
  if (maybe())
    server.cache = CacheSpec{any_number(1e-9, 1), 0, false, any_time()};
  else if (maybe())
    server.cache = CacheSpec{0, *rc::gen::inRange<std::uint64_t>(1, 1ULL << 53), maybe(), any_time()};
}

ServerSpec any_server() {
  ServerSpec server;
  if (maybe()) server.connect = any_time();
  if (maybe()) server.rate_bytes_per_s = any_rate();
  if (maybe()) server.connection_rate_bytes_per_s = any_rate();
  if (maybe()) server.seed = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 53);
  const int faults = *rc::gen::inRange(0, 3);
  for (int i = 0; i < faults; ++i) server.faults.push_back(any_fault());
  if (maybe()) {
    add_models(server);
  } else {
    const int waits = *rc::gen::inRange(0, 4);
    for (int i = 0; i < waits; ++i) server.replay.push_back(any_time());
  }
  return server;
}

RC_GTEST_PROP(ServerSpecProperty, IsReadBackEqual, ()) {
  const ServerSpec server = any_server();
  const std::string text = server_spec_json(server).dump();
  const auto again = parse_server_spec(nlohmann::json::parse(text), {});
  if (!again) RC_FAIL(again.error().message + " in " + text);
  if (!(*again == server)) RC_FAIL(text + " became " + server_spec_json(*again).dump());
}

RC_GTEST_PROP(LatencyTraceProperty, IsReadBackEqual, ()) {
  LatencyTrace trace;
  const int count = *rc::gen::inRange(0, 5);
  Nanoseconds sent{0};
  for (int i = 0; i < count; ++i) {
    sent += any_time();
    const Nanoseconds first = any_time();
    trace.requests.push_back({sent, first, first + any_time(),
                              *rc::gen::inRange<std::uint64_t>(0, 1ULL << 53),
                              *rc::gen::inRange<std::uint64_t>(0, 100'000)});
  }
  const auto again = parse_latency_trace(latency_trace_json(trace), "again");
  if (!again) RC_FAIL(again.error().message);
  RC_ASSERT(again->requests == trace.requests);
}

}  // namespace
}  // namespace depthfinder
