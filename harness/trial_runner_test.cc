// SPDX-License-Identifier: MIT
// The pure parts of a trial: the restore's command line, and the JSON between restore and sweep.
#include "harness/trial_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/restore_summary.h"

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::Not;

std::vector<std::string> arguments_of(const Cell& cell, const Scenario& scenario = {}) {
  return restore_arguments(cell, scenario,
                           {"root@pam@[::1]:8007:store", "aa:bb", "secret", "vm/1/x", "d.img"}, {});
}

TEST(RestoreArguments, SayOnlyWhatIsNotTheDefault) {
  Cell cell;
  cell.depth = 16;
  cell.threads = 4;
  EXPECT_THAT(arguments_of(cell),
              ElementsAre("restore", "vm/1/x", "d.img", "null", "--repository", "root@pam@[::1]:8007:store",
                          "--strategy", "spawned", "--depth", "16", "--connections", "1", "--json", "--quiet",
                          "--floor", "stored", "--fingerprint", "aa:bb", "--threads", "4"));
  cell.threads = 0;
  EXPECT_THAT(arguments_of(cell), Not(testing::Contains("--threads")));
}

TEST(RestoreArguments, SayEveryVariant) {
  Cell cell;
  cell.strategy = "pipelined";
  cell.depth = cell.threads = kAuto;
  cell.connections = 3;
  cell.writers = 2;
  cell.buffers = Buffers::fresh;
  cell.chunk_cache = 8;
  cell.http2_window_bytes = 65'536;
  cell.http2_frame_bytes = 16'384;
  Scenario scenario;
  scenario.bystander = "command:sync";
  const auto arguments = arguments_of(cell, scenario);
  EXPECT_THAT(std::vector(arguments.begin() + 6, arguments.end()),
              ElementsAre("--strategy", "pipelined", "--depth", "auto", "--connections", "3", "--json",
                          "--quiet", "--floor", "stored", "--fingerprint", "aa:bb", "--threads", "auto",
                          "--writers", "2", "--buffers", "fresh", "--chunk-cache", "8", "--http2-window",
                          "64KiB", "--http2-frame", "16KiB", "--bystander", "command:sync"));
}

TEST(RestoreSummary, ReadsWhatItWrites) {
  RestoreSummary summary;
  summary.stats.logical_bytes = 1 << 30;
  summary.stats.zero_bytes = 1 << 22;
  summary.stats.duration = std::chrono::milliseconds(500);
  summary.stats.chunk_latency = {std::chrono::milliseconds(3), std::chrono::milliseconds(1),
                                 std::chrono::milliseconds(2)};
  summary.stats.stages.hash.busy = std::chrono::milliseconds(250);
  summary.sha256_kernel = "openssl-avx2";
  const auto metrics = read_restore_summary(restore_summary_json(summary));
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->logical_bytes, 1U << 30);
  EXPECT_DOUBLE_EQ(metrics->throughput_mib_per_s, 2048);
  EXPECT_DOUBLE_EQ(metrics->chunk.p50_ms, 2);
  EXPECT_DOUBLE_EQ(metrics->chunk.max_ms, 3);
  EXPECT_DOUBLE_EQ(metrics->stages.hash.busy_s, 0.25);
  EXPECT_EQ(metrics->sha256_kernel, "openssl-avx2");
}

// A GiB in a second, and nothing else.
nlohmann::json one_second() {
  RestoreSummary summary;
  summary.stats.logical_bytes = 1 << 30;
  summary.stats.duration = std::chrono::seconds(1);
  return nlohmann::json::parse(restore_summary_json(summary));
}

// As a restore prints them that knows them; one that does not is read above.
TEST(RestoreSummary, ReadsWhatOnlySomeRestoresSay) {
  auto document = one_second();
  document.erase("depth_mean");
  document.erase("threads_mean");
  document["depth"] = 16;
  document["threads"] = 4;
  auto metrics = read_restore_summary(document.dump());
  ASSERT_TRUE(metrics) << metrics.error().message;
  EXPECT_EQ(metrics->depth_mean, 16);
  EXPECT_EQ(metrics->threads_mean, 4);
  EXPECT_FALSE(metrics->bystander);

  document.update(
      nlohmann::json::parse(R"({"depth": "auto", "depth_mean": 7.5, "threads_mean": 2.5, "coalesced": 3,
      "cache_hits": 4, "sha256_lane_kernel": "lanes-avx512-x16", "cpu_floor_s": null, "cpu_over_floor": 1.25,
      "depth_trace": [{"t_s": 0.5, "depth": 4, "threads": 2, "goodput_mib_per_s": 310.5, "decision": "double",
                       "reason": "+28 %"}],
      "bystander": {"kind": "both", "ratio_p50": 1.5, "ratio_p99": 2.5, "ratio_p999": null,
          "alone": {"samples": 200, "p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": null, "max_ms": 3.0},
          "beside": {"samples": 300, "p50_ms": 1.5, "p99_ms": 5.0, "p999_ms": 9.0, "max_ms": 10.0}}})"));
  metrics = read_restore_summary(document.dump());
  ASSERT_TRUE(metrics) << metrics.error().message;
  EXPECT_EQ(metrics->depth_mean, 7.5);
  EXPECT_EQ(metrics->threads_mean, 2.5);
  EXPECT_EQ(metrics->coalesced, 3U);
  EXPECT_EQ(metrics->cache_hits, 4U);
  EXPECT_EQ(metrics->sha256_lane_kernel, "lanes-avx512-x16");
  EXPECT_FALSE(metrics->cpu_floor_s);
  EXPECT_EQ(metrics->cpu_over_floor, 1.25);
  ASSERT_EQ(metrics->depth_trace.size(), 1U);
  EXPECT_EQ(metrics->depth_trace[0].reason, "+28 %");
  ASSERT_TRUE(metrics->bystander);
  EXPECT_EQ(metrics->bystander->alone.samples, 200U);
  EXPECT_FALSE(metrics->bystander->alone.p999_ms);
  EXPECT_EQ(metrics->bystander->beside.p999_ms, 9);
  EXPECT_EQ(metrics->bystander->ratio_p99, 2.5);
  EXPECT_FALSE(metrics->bystander->ratio_p999);
}

TEST(RestoreSummary, RefusesWhatIsNoSummary) {
  for (const char* text : {"", "{}", "[]", "not json", "{\"logical_bytes\": \"many\"}"})
    EXPECT_FALSE(read_restore_summary(text)) << text;
}

// As a build may print them that is compared with another.
TEST(RestoreSummary, RefusesFiguresThatCannotBe) {
  ASSERT_TRUE(read_restore_summary(one_second().dump()));
  for (const char* edit :
       {R"({"duration_s": -1})", R"({"duration_s": 0})", R"({"duration_s": "1"})", R"({"duration_s": null})",
        R"({"throughput_mib_per_s": 1e300})", R"({"cpu_user_s": -1e-9})", R"({"logical_bytes": 1e30})",
        R"({"logical_bytes": 0})", R"({"logical_bytes": -4096})", R"({"logical_bytes": 1.5})",
        R"({"zero_bytes": 2147483648})", R"({"peak_rss_bytes": 18446744073709551615})"}) {
    nlohmann::json document = one_second();
    document.update(nlohmann::json::parse(edit));
    EXPECT_FALSE(read_restore_summary(document.dump())) << edit;
  }
}

}  // namespace
}  // namespace depthfinder
