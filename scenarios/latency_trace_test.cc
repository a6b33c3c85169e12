// SPDX-License-Identifier: MIT
#include "scenarios/latency_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::string trace_text(const std::string& columns, const std::string& more = "") {
  return R"({"schema": "depthfinder-latency-trace", "schema_version": 1, "requests": {)" + columns + "}" +
         more + "}";
}

TEST(ParseLatencyTrace, ReadsColumnsAsRequests) {
  const auto trace = parse_latency_trace(
      trace_text(R"("sent_ms": [0, 1.5], "first_byte_ms": [10.25, 0.000001], "last_byte_ms": [12, 3],
                    "bytes": [4194316, 13], "in_flight": [1, 2])"),
      "t.json");
  ASSERT_TRUE(trace) << trace.error().message;
  const std::vector<LatencyTraceRequest> expected = {{0ms, 10250us, 12ms, 4194316, 1},
                                                     {1500us, 1ns, 3ms, 13, 2}};
  EXPECT_EQ(trace->requests, expected);
}

TEST(ParseLatencyTrace, AnEmptyOneIsATrace) {
  const auto trace = parse_latency_trace(
      trace_text(R"("sent_ms": [], "first_byte_ms": [], "last_byte_ms": [], "bytes": [], "in_flight": [])"),
      "t.json");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_TRUE(trace->requests.empty());
}

TEST(ParseLatencyTrace, RefusesWhatIsNone) {
  const std::string good =
      R"("sent_ms": [0], "first_byte_ms": [1], "last_byte_ms": [2], "bytes": [3], "in_flight": [1])";
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return trace_text(text.replace(text.find(from), from.size(), to));
  };
  ASSERT_TRUE(parse_latency_trace(trace_text(good), "t.json"));
  struct Row {
    std::string text;
    const char* word;
  };
  const Row rows[] = {
      {"", "not valid JSON"},
      {"[]", "no object"},
      {trace_text(good, R"(, "more": 1)"), "unknown key \"more\""},
      {trace_text(good + R"(, "more": [1])"), "unknown key \"more\""},
      {R"({"schema": "depthfinder-result", "schema_version": 1, "requests": {}})", "depthfinder-result"},
      {R"({"schema": "depthfinder-latency-trace", "schema_version": 2, "requests": {}})", "schema_version 2"},
      {R"({"schema": "depthfinder-latency-trace", "requests": {}})", "schema_version"},
      {R"({"schema": "depthfinder-latency-trace", "schema_version": 1, "requests": []})", "no object"},
      {with(R"("bytes": [3], )", ""), "\"bytes\""},
      {with("[3]", "3"), "bytes is no array"},
      {with("[0]", "0"), "sent_ms is no array"},
      {with("[3]", "[3, 4]"), "bytes has 2 values"},
      {with("[3]", "[3.5]"), "bytes[0] is 3.5"},
      {with("[3]", "[-3]"), "bytes[0] is -3"},
      {with("[3]", "[\"3\"]"), "bytes[0]"},
      {with("[3]", "[1e17]"), "bytes[0]"},
      {with("_ms\": [1]", "_ms\": [-1]"), "first_byte_ms[0] is -1"},
      {with("_ms\": [1]", "_ms\": [null]"), "first_byte_ms[0] is null"},
      {with("_ms\": [2]", "_ms\": [1e12]"), "last_byte_ms[0]"},
      {with("_ms\": [2]", "_ms\": [0.5]"), "last byte before its first"},
      {trace_text(R"("sent_ms": [2, 1], "first_byte_ms": [1, 1], "last_byte_ms": [2, 2], "bytes": [3, 3],
                     "in_flight": [1, 1])"),
       "request 1 was sent before"},
  };
  for (const Row& row : rows) {
    const auto trace = parse_latency_trace(row.text, "t.json");
    ASSERT_FALSE(trace) << row.text;
    EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(trace.error().message, HasSubstr("t.json"));
    EXPECT_THAT(trace.error().message, HasSubstr(row.word)) << row.text;
  }
}

TEST(LatencyTraceJson, IsTheTextThatReadersExpect) {
  const LatencyTrace trace{{{0ms, 10250us, 12ms, 4194316, 1}, {1500us, 1ns, 3ms, 13, 2}}};
  EXPECT_EQ(latency_trace_json(trace),
            "{\"schema\": \"depthfinder-latency-trace\", \"schema_version\": 1,\n"
            " \"requests\": {\n"
            "  \"sent_ms\": [0,1.5],\n"
            "  \"first_byte_ms\": [10.25,1e-06],\n"
            "  \"last_byte_ms\": [12,3],\n"
            "  \"bytes\": [4194316,13],\n"
            "  \"in_flight\": [1,2]}}\n");
}

}  // namespace
}  // namespace depthfinder
