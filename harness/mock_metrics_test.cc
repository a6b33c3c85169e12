// SPDX-License-Identifier: MIT
#include "harness/mock_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* kMetrics = R"({
  "cpu_user_s": 1.5, "cpu_sys_s": 0.5, "rss_bytes": 123456789,
  "configured": {"latency": "10ms", "rate": "400MB/s"},
  "connections": {"open": 1, "total": 3},
  "requests": [{"route": "chunk", "status": 200, "count": 60}, {"route": "chunk", "status": 503, "count": 3}],
  "chunks": {"count": 60, "bytes": 167772160,
    "latency_asked_ms": {"count": 60, "mean": 10.1, "p50": 10, "p90": 10.25, "p99": 10.5, "max": 11},
    "latency_served_ms": {"count": 60, "mean": 10.2, "p50": 10.05, "p90": 10.3, "p99": 12.9, "max": 14},
    "lateness_ms": {"count": 60, "mean": 0.1, "p50": 0.05, "p90": 0.2, "p99": 2.4, "max": 3},
    "first_byte_ms": {"count": 60, "mean": 1, "p50": 1, "p90": 1, "p99": 1, "max": 1},
    "last_byte_ms": {"count": 60, "mean": 2, "p50": 2, "p90": 2, "p99": 2, "max": 2},
    "in_flight_max": 16},
  "link": {"asked_bytes_per_s": 400e6, "bytes": 167772160, "busy_s": 0.42, "lost_s": 0.01},
  "busiest_connection_cpu_share": 0.375,
  "faults": {"status": 3, "stall": 1, "goaway": 0}
})";

TEST(ParseMockMetrics, TakesWhatAnAuditHolds) {
  const auto audit = parse_mock_metrics(kMetrics);
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->chunk_requests, 60U);
  EXPECT_EQ(audit->bytes_served, 167772160U);
  EXPECT_EQ(audit->latency_asked_p50_ms, 10);
  EXPECT_EQ(audit->latency_asked_p99_ms, 10.5);
  EXPECT_EQ(audit->latency_served_p50_ms, 10.05);
  EXPECT_EQ(audit->latency_served_p99_ms, 12.9);
  EXPECT_EQ(audit->lateness_p99_ms, 2.4);
  EXPECT_EQ(audit->link_asked_bytes_per_s, 400e6);
  EXPECT_EQ(audit->link_busy_s, 0.42);
  EXPECT_EQ(audit->link_lost_s, 0.01);
  EXPECT_EQ(audit->busiest_connection_cpu_share, 0.375);
  EXPECT_THAT(audit->faults, ElementsAre(Pair("stall", 1), Pair("status", 3)));
}

TEST(ParseMockMetrics, NamesTheFigureThatIsWrong) {
  struct Row {
    const char* patch;
    const char* words;
  };
  const Row rows[] = {
      {R"([{"op": "remove", "path": "/link"}])", "/link/asked_bytes_per_s"},
      {R"([{"op": "remove", "path": "/chunks/lateness_ms"}])", "/chunks/lateness_ms/p99"},
      {R"([{"op": "replace", "path": "/chunks/latency_asked_ms", "value": 10}])",
       "/chunks/latency_asked_ms/p50"},
      {R"([{"op": "replace", "path": "/chunks/count", "value": -1}])", "/chunks/count"},
      {R"([{"op": "replace", "path": "/chunks/bytes", "value": 1.5}])", "/chunks/bytes"},
      {R"([{"op": "replace", "path": "/link/busy_s", "value": -0.5}])", "negative number at /link/busy_s"},
      {R"([{"op": "replace", "path": "/busiest_connection_cpu_share", "value": null}])",
       "/busiest_connection_cpu_share"},
      {R"([{"op": "replace", "path": "/faults", "value": []}])", "/faults"},
      {R"([{"op": "replace", "path": "/faults/stall", "value": "many"}])", "/faults/stall"},
  };
  const auto metrics = nlohmann::json::parse(kMetrics);
  for (const Row& row : rows) {
    const auto audit = parse_mock_metrics(metrics.patch(nlohmann::json::parse(row.patch)).dump());
    ASSERT_FALSE(audit) << row.patch;
    EXPECT_EQ(audit.error().kind, ErrorKind::protocol);
    EXPECT_THAT(audit.error().message, HasSubstr(row.words));
  }
}

TEST(ParseMockMetrics, RefusesTextThatIsNoMetrics) {
  for (const char* text : {"", "null", "[]", "7", "not json", "{\"chunks\": 7}"})
    EXPECT_FALSE(parse_mock_metrics(text)) << text;
}

// Three chunks behind 10 ms, as Unix nanoseconds that a double cannot hold.
constexpr const char* kRequests = R"({"dropped": 0, "requests": [
  {"arrival_unix_ns": 1764096448123456789, "ready_unix_ns": 1764096448133456789,
   "first_byte_unix_ns": 1764096448133557289, "last_byte_unix_ns": 1764096448134056789, "ordinal": 1},
  {"arrival_unix_ns": 1764096448123556789, "ready_unix_ns": 1764096448133556789,
   "first_byte_unix_ns": 1764096448134156789, "last_byte_unix_ns": 1764096448134656789, "ordinal": 2}]})";

TEST(ParseMockTimeline, CountsFromTheFirstArrival) {
  const auto timeline = parse_mock_timeline(kRequests);
  ASSERT_TRUE(timeline) << timeline.error().message;
  ASSERT_EQ(timeline->size(), 2U);
  const ChunkTiming& first = timeline->front();
  EXPECT_EQ(first.arrival_ms, 0);
  EXPECT_EQ(first.ready_ms, 10);
  EXPECT_EQ(first.first_byte_ms, 10.101) << "rounded to 0.001";
  EXPECT_EQ(first.last_byte_ms, 10.6);
  EXPECT_EQ(timeline->back().arrival_ms, 0.1);
  EXPECT_EQ(timeline->back().last_byte_ms, 11.2);
}

TEST(ParseMockTimeline, HoldsNoMoreRowsThanAResultMay) {
  auto requests = nlohmann::json::parse(kRequests);
  for (int i = 0; i < 100; ++i) requests["requests"].push_back(requests["requests"][1]);
  const auto timeline = parse_mock_timeline(requests.dump());
  ASSERT_TRUE(timeline) << timeline.error().message;
  EXPECT_EQ(timeline->size(), kTimelineRowsMax);
}

TEST(ParseMockTimeline, RefusesWhatIsNoTimeline) {
  const auto requests = nlohmann::json::parse(kRequests);
  for (const char* patch :
       {R"([{"op": "replace", "path": "/dropped", "value": 1}])", R"([{"op": "remove", "path": "/dropped"}])",
        R"([{"op": "replace", "path": "/requests", "value": []}])",
        R"([{"op": "replace", "path": "/requests", "value": {}}])",
        R"([{"op": "replace", "path": "/requests/0", "value": 7}])",
        R"([{"op": "replace", "path": "/requests/1/ready_unix_ns", "value": null}])",
        R"([{"op": "remove", "path": "/requests/1/last_byte_unix_ns"}])"}) {
    const auto timeline = parse_mock_timeline(requests.patch(nlohmann::json::parse(patch)).dump());
    ASSERT_FALSE(timeline) << patch;
    EXPECT_EQ(timeline.error().kind, ErrorKind::protocol);
  }
  EXPECT_FALSE(parse_mock_timeline(""));
}

}  // namespace
}  // namespace depthfinder
