// SPDX-License-Identifier: MIT
#include "scenarios/latency_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include <nlohmann/json.hpp>

#include "scenarios/strict_json.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::string_view kSchemaName = "depthfinder-latency-trace";
constexpr int kSchemaVersion = 1;
constexpr double kMillisecondsMax = 864e6;  // ten days; nanoseconds survive the way through milliseconds
constexpr double kCountMax = 0x1.0p53;

// One column: how a number of it is checked, kept and written.
struct Column {
  const char* name;
  bool whole;  // a count, not milliseconds
  void (*set)(LatencyTraceRequest& request, double number);
  double (*get)(const LatencyTraceRequest& request);
};

Nanoseconds from_ms(double milliseconds) { return Nanoseconds(std::llround(milliseconds * 1e6)); }
double to_ms(Nanoseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

constexpr std::array kColumns = {
    Column{"sent_ms", false, [](LatencyTraceRequest& request, double ms) { request.sent = from_ms(ms); },
           [](const LatencyTraceRequest& request) { return to_ms(request.sent); }},
    Column{"first_byte_ms", false,
           [](LatencyTraceRequest& request, double ms) { request.first_byte = from_ms(ms); },
           [](const LatencyTraceRequest& request) { return to_ms(request.first_byte); }},
    Column{"last_byte_ms", false,
           [](LatencyTraceRequest& request, double ms) { request.last_byte = from_ms(ms); },
           [](const LatencyTraceRequest& request) { return to_ms(request.last_byte); }},
    Column{
        "bytes", true,
        [](LatencyTraceRequest& request, double count) { request.bytes = static_cast<std::uint64_t>(count); },
        [](const LatencyTraceRequest& request) { return static_cast<double>(request.bytes); }},
    Column{"in_flight", true,
           [](LatencyTraceRequest& request, double count) {
             request.in_flight = static_cast<std::uint64_t>(count);
           },
           [](const LatencyTraceRequest& request) { return static_cast<double>(request.in_flight); }},
};

Result<void> check_keys(const json& object, std::string_view place, std::initializer_list<const char*> keys) {
  if (!object.is_object()) return fail(ErrorKind::bad_input, "{} is no object", place);
  for (const char* key : keys)
    if (!object.contains(key)) return fail(ErrorKind::bad_input, "{} has no \"{}\"", place, key);
  for (const auto& [key, value] : object.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      return fail(ErrorKind::bad_input, "{} has the unknown key \"{}\"", place, key);
  return {};
}

Result<void> read_column(const Column& column, const json& numbers, LatencyTrace& trace) {
  if (!numbers.is_array()) return fail(ErrorKind::bad_input, "requests.{} is no array", column.name);
  if (numbers.size() != trace.requests.size())
    return fail(ErrorKind::bad_input, "requests.{} has {} values, requests.{} has {}", column.name,
                numbers.size(), kColumns.front().name, trace.requests.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers[i].is_number() ? numbers[i].get<double>() : -1;
    const bool fits = number >= 0 && number <= (column.whole ? kCountMax : kMillisecondsMax) &&
                      (!column.whole || number == std::floor(number));
    if (!fits)
      return fail(ErrorKind::bad_input, "requests.{}[{}] is {}, not {}", column.name, i, numbers[i].dump(),
                  column.whole ? "a count" : "a time in milliseconds, at most ten days");
    column.set(trace.requests[i], number);
  }
  return {};
}

Result<void> check_order(const LatencyTrace& trace) {
  for (std::size_t i = 0; i < trace.requests.size(); ++i) {
    const LatencyTraceRequest& request = trace.requests[i];
    if (request.last_byte < request.first_byte)
      return fail(ErrorKind::bad_input, "request {} has its last byte before its first one", i);
    if (i > 0 && request.sent < trace.requests[i - 1].sent)
      return fail(ErrorKind::bad_input, "request {} was sent before the one in front of it", i);
  }
  return {};
}

Result<LatencyTrace> read_trace(const json& document) {
  DF_TRY(check_keys(document, "the top level", {"schema", "schema_version", "requests"}));
  if (document.at("schema") != kSchemaName || document.at("schema_version") != kSchemaVersion)
    return fail(ErrorKind::bad_input, "is no {} of version {}: schema is {}, schema_version {}", kSchemaName,
                kSchemaVersion, document.at("schema").dump(), document.at("schema_version").dump());
  const json& columns = document.at("requests");
  DF_TRY(check_keys(columns, "requests", {"sent_ms", "first_byte_ms", "last_byte_ms", "bytes", "in_flight"}));
  const std::size_t count = columns.at(kColumns.front().name).size();
  if (count > kTraceRequestsMax)
    return fail(ErrorKind::bad_input, "has {} requests, more than {}", count, kTraceRequestsMax);
  LatencyTrace trace;
  trace.requests.resize(count);
  for (const Column& column : kColumns) DF_TRY(read_column(column, columns.at(column.name), trace));
  DF_TRY(check_order(trace));
  return trace;
}

}  // namespace

Result<LatencyTrace> parse_latency_trace(std::string_view text, std::string_view where) {
  if (text.size() > kTraceBytesMax)
    return fail(ErrorKind::bad_input, "{} is larger than {} MiB", where, kTraceBytesMax >> 20);
  DF_ASSIGN(const json document, parse_strict_json(text, where));
  auto trace = read_trace(document);
  if (!trace) return pass_on(trace.error(), where);
  return trace;
}

std::string latency_trace_json(const LatencyTrace& trace) {
  fmt::memory_buffer text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{{\"schema\": \"{}\", \"schema_version\": {},\n \"requests\": {{", kSchemaName,
                 kSchemaVersion);
  for (const Column& column : kColumns) {
    fmt::format_to(out, "{}\n  \"{}\": [", &column == &kColumns.front() ? "" : ",", column.name);
    for (std::size_t i = 0; i < trace.requests.size(); ++i) {
      const double number = column.get(trace.requests[i]);
      const std::string_view comma = i == 0 ? "" : ",";
      // Counts stay whole numbers; the shortest text of a time that is read back to the same nanosecond.
      if (column.whole)
        fmt::format_to(out, "{}{:.0f}", comma, number);
      else
        fmt::format_to(out, "{}{}", comma, number);
    }
    fmt::format_to(out, "]");
  }
  fmt::format_to(out, "}}}}\n");
  return fmt::to_string(text);
}

}  // namespace depthfinder
