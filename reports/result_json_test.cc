// SPDX-License-Identifier: MIT
#include "reports/result_json.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/sample_result.h"
#include "restore_core/base/file.h"
#include "scenarios/strict_json.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string sample_text() {
  auto text = to_json(sample::link_limited());
  EXPECT_TRUE(text) << text.error().message;
  return text.value_or("");
}

TEST(ResultJson, IsReadBackUnchanged) {
  const std::string text = sample_text();
  const auto result = from_json(text, "result.json");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(to_json(*result), text);
  EXPECT_EQ(result->cells, sample::link_limited().cells);
}

TEST(ResultJson, KeepsTheWholeRangeOfSeedsAndAbsentFigures) {
  auto sample = sample::link_limited();
  sample.seed = std::numeric_limits<std::uint64_t>::max();
  sample.trials[0].metrics->mock_cpu_s.reset();
  const auto text = to_json(sample);
  ASSERT_TRUE(text);
  const auto result = from_json(*text, "result.json");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->seed, sample.seed);
  EXPECT_FALSE(result->trials[0].metrics->mock_cpu_s);
}

// Every figure another, so that no two can be exchanged.
TEST(ResultJson, KeepsTheAuditOfEachTrial) {
  auto sample = sample::link_limited();
  sample.trials[0].audit =
      TrialAudit{60, 61, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 0.25, {{"stall", 2}, {"status", 3}}};
  sample.trials[1].audit.reset();
  const auto text = to_json(sample);
  ASSERT_TRUE(text);
  EXPECT_EQ(json::parse(*text)["trials"][0]["audit"], json::parse(R"({
    "chunk_requests": 60, "bytes_served": 61,
    "latency_asked_p50_ms": 1.5, "latency_asked_p99_ms": 2.5,
    "latency_served_p50_ms": 3.5, "latency_served_p99_ms": 4.5, "lateness_p99_ms": 5.5,
    "link_asked_bytes_per_s": 6.5, "link_busy_s": 7.5, "link_lost_s": 8.5,
    "busiest_connection_cpu_share": 0.25, "faults": {"stall": 2, "status": 3}})"));
  const auto result = from_json(*text, "result.json");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(to_json(*result), *text);
  EXPECT_FALSE(result->trials[1].audit);
}

// Every figure another, here too.
TEST(ResultJson, KeepsTheTraceAndTheBystander) {
  auto sample = sample::result(
      sample::scenario(
          R"("strategy": ["pipelined"], "depth": ["auto"], "threads": ["auto"], "vectors": ["sse"],
          "writers": [2], "buffers": ["fresh"], "chunk_cache": [8], "http2_window": ["64KiB"],
          "http2_frame": ["16KiB"])"),
      1, [](const Cell&, int) { return 100.0; });
  TrialMetrics& metrics = *sample.trials[0].metrics;
  metrics.depth_trace = {{0.5, 4, 2, 300.5, "double", "+28 % from depth 2 to 4"},
                         {1.5, 8, 3, 310.5, "hold", ""}};
  metrics.bystander =
      BystanderFigures{"both", {1001, 1.5, 2.5, 3.5, 4.5}, {1002, 5.5, 6.5, 7.5, 8.5}, 9.5, 10.5, 11.5};
  metrics.coalesced = 12;
  metrics.cache_hits = 13;
  metrics.sha256_lane_kernel = "lanes-avx512-x16";
  metrics.cpu_floor_s = 14.5;
  metrics.cpu_over_floor = 15.5;
  const auto text = to_json(sample);
  ASSERT_TRUE(text);
  const json document = json::parse(*text);
  EXPECT_EQ(document["trials"][0]["metrics"]["bystander"], json::parse(R"({"kind": "both",
      "alone": {"samples": 1001, "p50_ms": 1.5, "p99_ms": 2.5, "p999_ms": 3.5, "max_ms": 4.5},
      "beside": {"samples": 1002, "p50_ms": 5.5, "p99_ms": 6.5, "p999_ms": 7.5, "max_ms": 8.5},
      "ratio_p50": 9.5, "ratio_p99": 10.5, "ratio_p999": 11.5})"));
  EXPECT_EQ(document["trials"][0]["metrics"]["depth_trace"][0], json::parse(R"({"t_s": 0.5, "depth": 4,
      "threads": 2, "goodput_mib_per_s": 300.5, "decision": "double", "reason": "+28 % from depth 2 to 4"})"));
  EXPECT_EQ(document["cells"][0]["depth"], "auto");
  EXPECT_EQ(document["cells"][0]["threads"], "auto");
  const auto result = from_json(*text, "result.json");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(to_json(*result), *text);
  EXPECT_EQ(result->cells, sample.cells);
}

TEST(ResultJson, FitsThePublishedSchema) {
  const auto schema = read_file(DEPTHFINDER_SOURCE_DIR "/reports/schema/result.schema.json", 1 << 20);
  ASSERT_TRUE(schema) << schema.error().message;
  const json document = json::parse(sample_text());
  const auto checked = check_schema(document, as_text(*schema), "result.json");
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST(ResultJson, NumbersThatJsonDoesNotHaveAreNotWritten) {
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto result = sample::link_limited();
    result.trials[3].metrics->stages.hash.wait_s = value;
    const auto text = to_json(result);
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, HasSubstr("wait_s"));
  }
}

struct EditRow {
  const char* patch;  // JSON merge patches cannot reach into arrays, so this is a JSON patch
  const char* words;
};

TEST(FromJson, RefusesWhatDoesNotBelong) {
  const EditRow rows[] = {
      {R"([{"op": "add", "path": "/colour", "value": 1}])", "unknown key"},
      {R"([{"op": "add", "path": "/trials/0/metrics/luck", "value": 1}])", "trials.0.metrics: unknown key"},
      {R"([{"op": "remove", "path": "/host"}])", "host"},
      {R"([{"op": "replace", "path": "/schema", "value": "other"}])", "not a depthfinder result"},
      {R"([{"op": "replace", "path": "/schema_version", "value": 1}])",
       "has schema_version 1, and this program reads 2 to 5 only: measure again"},
      {R"([{"op": "replace", "path": "/schema_version", "value": 6}])", "schema_version 6"},
      {R"([{"op": "replace", "path": "/schema_version", "value": "5"}])",
       "has the schema_version \"5\", which is no whole number"},
      {R"([{"op": "remove", "path": "/schema_version"}])", "schema_version"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/duration_s", "value": -1}])", "duration_s"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/duration_s", "value": 0}])", "is 0"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/duration_s", "value": 1e300}])", "duration_s"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/wire_bytes", "value": 1.5}])", "wire_bytes"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/wire_bytes", "value": 18446744073709551615}])",
       "wire_bytes"},
      {R"([{"op": "replace", "path": "/trials/0/metrics/zero_bytes", "value": 9223372036854775807}])",
       "zero_bytes"},
      {R"([{"op": "replace", "path": "/trials/0/block", "value": 4294967296}])", "block"},
      {R"([{"op": "replace", "path": "/trials/0/block", "value": 1}])", "a second time"},
      {R"([{"op": "replace", "path": "/trials/0/cell", "value": "nobody"}])", "not listed"},
      {R"([{"op": "replace", "path": "/trials/0/outcome", "value": "great"}])", "outcome"},
      {R"([{"op": "remove", "path": "/trials/0/metrics"}])", "no metrics"},
      {R"([{"op": "replace", "path": "/cells/1/id", "value": "spawned-d1-t1-c1-shani-on"}])", "twice"},
      {R"([{"op": "replace", "path": "/cells/0/depth", "value": 0}])", "depth"},
      {R"([{"op": "replace", "path": "/cells/0/threads", "value": 0}])", "no threads"},
      {R"([{"op": "replace", "path": "/cells/0/depth", "value": "auto"}])", "only \"pipelined\""},
      {R"([{"op": "replace", "path": "/cells/0/depth", "value": "many"}])", "depth"},
      {R"([{"op": "remove", "path": "/cells/0/buffers"}])", "buffers"},
      {R"([{"op": "replace", "path": "/cells/0/vectors", "value": "avx512"}])", "vectors"},
      {R"([{"op": "remove", "path": "/trials/0/metrics/depth_trace"}])", "depth_trace"},
      {R"([{"op": "add", "path": "/trials/0/metrics/depth_trace/-", "value": {"t_s": 1}}])", "depth_trace"},
      {R"([{"op": "add", "path": "/trials/0/metrics/bystander", "value": {"kind": "cpu"}}])", "bystander"},
      {R"([{"op": "replace", "path": "/block_orders/0/0", "value": "nobody"}])", "block_orders.0"},
      {R"([{"op": "add", "path": "/audits", "value": []}])", "unknown key"},
      {R"([{"op": "add", "path": "/trials/0/audit/on_target", "value": true}])",
       "trials.0.audit: unknown key"},
      {R"([{"op": "remove", "path": "/trials/0/audit/link_lost_s"}])", "link_lost_s"},
      {R"([{"op": "replace", "path": "/trials/0/audit/latency_served_p99_ms", "value": -1}])",
       "latency_served_p99_ms"},
      {R"([{"op": "replace", "path": "/trials/0/audit/faults", "value": []}])", "faults"},
      {R"([{"op": "replace", "path": "/trials/0/audit/faults", "value": {"stall": -1}}])", "stall"},
      {R"([{"op": "replace", "path": "/trials/0/audit/faults", "value": {"stall": 0.5}}])", "stall"},
      {R"([{"op": "replace", "path": "/started_at_utc", "value": "today"}])", "started_at_utc"},
      {R"([{"op": "replace", "path": "/scenario_sha256", "value": "<script>"}])", "scenario_sha256"},
      {R"([{"op": "add", "path": "/scenario/colour", "value": 1}])", "scenario"},
      {R"([{"op": "replace", "path": "/trials", "value": {}}])", "trials"},
      {R"([{"op": "replace", "path": "/seed", "value": -1}])", "-1 is negative"},
      {R"([{"op": "replace", "path": "/trials/0/timeline", "value": []}])", "timeline"},
      {R"([{"op": "replace", "path": "/trials/0/timeline", "value": null}])", "timeline"},
      {R"([{"op": "add", "path": "/trials/0/timeline/0/luck", "value": 1}])",
       "trials.0.timeline.0: unknown key"},
      {R"([{"op": "remove", "path": "/trials/0/timeline/0/ready_ms"}])", "ready_ms"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/0/arrival_ms", "value": -0.001}])", "arrival_ms"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/0/last_byte_ms", "value": 1e300}])", "last_byte_ms"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/0/arrival_ms", "value": 0.2},
           {"op": "replace", "path": "/trials/0/timeline/1/arrival_ms", "value": 0.1}])",
       "trials.0.timeline.1: arrival_ms is 0.1, before that of the request above it, 0.2"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/1/arrival_ms", "value": 5},
           {"op": "replace", "path": "/trials/0/timeline/1/ready_ms", "value": 1}])",
       "trials.0.timeline.1: ready_ms is 1, before arrival_ms, 5"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/1/arrival_ms", "value": 5},
           {"op": "replace", "path": "/trials/0/timeline/1/first_byte_ms", "value": 4}])",
       "first_byte_ms is 4, before arrival_ms, 5"},
      {R"([{"op": "replace", "path": "/trials/0/timeline/1/first_byte_ms", "value": 50},
           {"op": "replace", "path": "/trials/0/timeline/1/last_byte_ms", "value": 49.5}])",
       "last_byte_ms is 49.5, before first_byte_ms, 50"},
      {R"([{"op": "replace", "path": "/trials/0/outcome", "value": "invalid"}])",
       "trials.0 has a timeline, but is not ok"},
      {R"([{"op": "replace", "path": "/server_kind", "value": "real"}])",
       "trials.0 has a timeline, but no real server tells one"},
      {R"([{"op": "remove", "path": "/racing"}])", "racing"},
      {R"([{"op": "replace", "path": "/server_kind", "value": "imagined"}])", "server_kind"},
      {R"([{"op": "add", "path": "/racing/-", "value": {"block": 2}}])", "racing"},
      {R"([{"op": "add", "path": "/racing/-",
            "value": {"block": 2, "cell_id": "nobody", "decision": "dropped", "reason": ""}}])",
       "not listed"},
      {R"([{"op": "add", "path": "/racing/-", "value":
            {"block": 2, "cell_id": "spawned-d1-t1-c1-shani-on", "decision": "crowned", "reason": ""}}])",
       "decision"},
      {R"([{"op": "add", "path": "/racing/-", "value":
            {"block": 0, "cell_id": "spawned-d1-t1-c1-shani-on", "decision": "dropped", "reason": ""}}])",
       "dropped after block 0"},
  };
  const json sample = json::parse(sample_text());
  for (const EditRow& row : rows) {
    const auto result = from_json(sample.patch(json::parse(row.patch)).dump(), "result.json");
    ASSERT_FALSE(result) << row.patch;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(result.error().message, HasSubstr("result.json")) << row.patch;
    EXPECT_THAT(result.error().message, HasSubstr(row.words)) << row.patch;
  }
}

TEST(FromJson, RefusesATimelineOfTooManyRows) {
  json sample = json::parse(sample_text());
  json& timeline = sample["trials"][0]["timeline"];
  while (timeline.size() < kTimelineRowsMax) timeline.push_back(timeline.back());
  ASSERT_TRUE(from_json(sample.dump(), "result.json"));
  timeline.push_back(timeline.back());
  const auto result = from_json(sample.dump(), "result.json");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("trials.0.timeline"));
}

TEST(FromJson, RefusesTextThatIsNoJson) {
  const std::string text = sample_text();
  std::string not_a_number = text;
  not_a_number.replace(not_a_number.find("\"duration_s\": "), 14, "\"duration_s\": NaN,\"x\": ");
  for (const std::string& hostile :
       {std::string(), std::string("null"), std::string("[1]"), text.substr(0, text.size() / 2), not_a_number,
        std::string(1'000'000, '['), text + text}) {
    const auto result = from_json(hostile, "result.json");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  }
}

}  // namespace
}  // namespace depthfinder
