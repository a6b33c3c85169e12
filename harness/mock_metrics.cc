// SPDX-License-Identifier: MIT
#include "harness/mock_metrics.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using nlohmann::json;

Result<double> figure(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!document.contains(at) || !document.at(at).is_number())
    return fail(ErrorKind::protocol, "the mock server's metrics have no number at {}", pointer);
  const double value = document.at(at).get<double>();
  if (!(value >= 0))
    return fail(ErrorKind::protocol, "the mock server's metrics have a negative number at {}", pointer);
  return value;
}

Result<std::uint64_t> count(const json& document, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!document.contains(at) || !document.at(at).is_number_unsigned())
    return fail(ErrorKind::protocol, "the mock server's metrics have no count at {}", pointer);
  return document.at(at).get<std::uint64_t>();
}

Result<std::map<std::string, std::uint64_t>> faults_of(const json& document) {
  if (!document.contains("faults") || !document.at("faults").is_object())
    return fail(ErrorKind::protocol, "the mock server's metrics have no object at /faults");
  std::map<std::string, std::uint64_t> faults;
  for (const auto& [kind, injected] : document.at("faults").items()) {
    if (!injected.is_number_unsigned())
      return fail(ErrorKind::protocol, "the mock server's metrics have no count at /faults/{}", kind);
    if (injected.get<std::uint64_t>() > 0) faults[kind] = injected;
  }
  return faults;
}

Result<TrialAudit> audit_of(const json& document) {
  TrialAudit audit;
  DF_ASSIGN(audit.chunk_requests, count(document, "/chunks/count"));
  DF_ASSIGN(audit.bytes_served, count(document, "/chunks/bytes"));
  const std::pair<const char*, double TrialAudit::*> figures[] = {
      {"/chunks/latency_asked_ms/p50", &TrialAudit::latency_asked_p50_ms},
      {"/chunks/latency_asked_ms/p99", &TrialAudit::latency_asked_p99_ms},
      {"/chunks/latency_served_ms/p50", &TrialAudit::latency_served_p50_ms},
      {"/chunks/latency_served_ms/p99", &TrialAudit::latency_served_p99_ms},
      {"/chunks/lateness_ms/p99", &TrialAudit::lateness_p99_ms},
      {"/link/asked_bytes_per_s", &TrialAudit::link_asked_bytes_per_s},
      {"/link/busy_s", &TrialAudit::link_busy_s},
      {"/link/lost_s", &TrialAudit::link_lost_s},
      {"/busiest_connection_cpu_share", &TrialAudit::busiest_connection_cpu_share}};
  for (const auto& [pointer, member] : figures) {
    DF_ASSIGN(audit.*member, figure(document, pointer));
  }
  DF_ASSIGN(audit.faults, faults_of(document));
  return audit;
}

// A moment of a request, ms after `origin_ns`.
Result<double> moment(const json& request, const char* key, std::int64_t origin_ns) {
  if (!request.contains(key) || !request.at(key).is_number_integer())
    return fail(ErrorKind::protocol, "the mock server's request times have no whole number at {}", key);
  const double microseconds = static_cast<double>(request.at(key).get<std::int64_t>() - origin_ns) / 1e3;
  return std::round(microseconds) / 1e3;
}

Result<ChunkTiming> timing_of(const json& request, std::int64_t origin_ns) {
  ChunkTiming timing;
  const std::pair<const char*, double ChunkTiming::*> moments[] = {
      {"arrival_unix_ns", &ChunkTiming::arrival_ms},
      {"ready_unix_ns", &ChunkTiming::ready_ms},
      {"first_byte_unix_ns", &ChunkTiming::first_byte_ms},
      {"last_byte_unix_ns", &ChunkTiming::last_byte_ms}};
  for (const auto& [key, member] : moments) {
    DF_ASSIGN(timing.*member, moment(request, key, origin_ns));
  }
  return timing;
}

Result<std::vector<ChunkTiming>> timeline_of(const json& document) {
  if (document.at("dropped").get<std::uint64_t>() > 0)
    return fail(ErrorKind::protocol, "the mock server no longer has the times of the first requests");
  const json& requests = document.at("requests");
  if (!requests.is_array() || requests.empty())
    return fail(ErrorKind::protocol, "the mock server has no request times");
  const auto origin_ns = requests.front().at("arrival_unix_ns").get<std::int64_t>();
  std::vector<ChunkTiming> timeline;
  for (std::size_t i = 0; i < std::min(requests.size(), kTimelineRowsMax); ++i) {
    DF_ASSIGN(const ChunkTiming timing, timing_of(requests[i], origin_ns));
    timeline.push_back(timing);
  }
  return timeline;
}

}  // namespace

Result<TrialAudit> parse_mock_metrics(std::string_view json_text) {
  try {
    return audit_of(json::parse(json_text));
  } catch (const json::exception& error) {
    return fail(ErrorKind::protocol, "the mock server's metrics cannot be read: {}", error.what());
  }
}

Result<std::vector<ChunkTiming>> parse_mock_timeline(std::string_view json_text) {
  try {
    return timeline_of(json::parse(json_text));
  } catch (const json::exception& error) {
    return fail(ErrorKind::protocol, "the mock server's request times cannot be read: {}", error.what());
  }
}

}  // namespace depthfinder
