// SPDX-License-Identifier: MIT
#include "scenarios/latency_trace.h"

#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Nanoseconds time) {
  return static_cast<double>(std::chrono::round<std::chrono::microseconds>(time).count()) / 1e3;
}

}  // namespace

std::string latency_trace_json(const LatencyTrace& trace) {
  Json sent_ms = Json::array(), first_byte_ms = Json::array(), last_byte_ms = Json::array();
  Json bytes = Json::array(), in_flight = Json::array();
  for (const LatencyTraceRequest& request : trace.requests) {
    sent_ms.push_back(milliseconds(request.sent));
    first_byte_ms.push_back(milliseconds(request.first_byte));
    last_byte_ms.push_back(milliseconds(request.last_byte));
    bytes.push_back(request.bytes);
    in_flight.push_back(request.in_flight);
  }
  const Json document = {{"schema", "depthfinder-latency-trace"},
                         {"schema_version", 1},
                         {"requests",
                          {{"sent_ms", std::move(sent_ms)},
                           {"first_byte_ms", std::move(first_byte_ms)},
                           {"last_byte_ms", std::move(last_byte_ms)},
                           {"bytes", std::move(bytes)},
                           {"in_flight", std::move(in_flight)}}}};
  return document.dump() + "\n";
}

}  // namespace depthfinder
