// SPDX-License-Identifier: MIT
#include "harness/mock_metrics.h"

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

}  // namespace

Result<TrialAudit> parse_mock_metrics(std::string_view json_text) {
  try {
    return audit_of(json::parse(json_text));
  } catch (const json::exception& error) {
    return fail(ErrorKind::protocol, "the mock server's metrics cannot be read: {}", error.what());
  }
}

}  // namespace depthfinder
