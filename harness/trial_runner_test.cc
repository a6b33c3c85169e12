// SPDX-License-Identifier: MIT
// The pure parts of a trial: the proof of the mask, the audit, and the JSON between restore and sweep.
#include "harness/trial_runner.h"

#include <gtest/gtest.h>

#include "harness/audit.h"
#include "harness/restore_summary.h"

namespace depthfinder {
namespace {

TrialMetrics hashed_with(const std::string& kernel) {
  TrialMetrics metrics;
  metrics.sha256_kernel = kernel;
  return metrics;
}

TEST(MaskFault, WantsTheKernelThatTheCellAsksFor) {
  Cell on, off;
  on.sha_ni = ShaNi::on;
  off.sha_ni = ShaNi::off;
  EXPECT_FALSE(mask_fault(on, hashed_with("openssl-sha-ni")));
  EXPECT_FALSE(mask_fault(off, hashed_with("openssl-avx2")));
  EXPECT_TRUE(mask_fault(on, hashed_with("openssl-avx2")));
  EXPECT_TRUE(mask_fault(off, hashed_with("openssl-sha-ni")));
}

TEST(Audit, AllowsTheLargerOfShareAndAbsolute) {
  struct Case {
    double asked, p50, p99;
    bool on_target;
  };
  for (const Case& c : {Case{0, 0.09, 0.4, true}, Case{0, 0.11, 0.4, false}, Case{0, 0.09, 0.6, false},
                        Case{60, 61.1, 62.9, true}, Case{60, 61.3, 62.9, false}, Case{60, 61.1, 63.1, false},
                        Case{60, 58.7, 60, false}}) {
    MockMetrics metrics;
    metrics.latency_asked_ms = c.asked;
    metrics.latency_p50_ms = c.p50;
    metrics.latency_p99_ms = c.p99;
    const BlockAudit audit = audit_block(3, metrics);
    EXPECT_EQ(audit.on_target, c.on_target) << c.asked << " " << c.p50 << " " << c.p99;
    EXPECT_EQ(audit.block, 3);
    EXPECT_FALSE(audit.reason.empty());
  }
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

TEST(RestoreSummary, RefusesWhatIsNoSummary) {
  for (const char* text : {"", "{}", "[]", "not json", "{\"logical_bytes\": \"many\"}"})
    EXPECT_FALSE(read_restore_summary(text)) << text;
}

}  // namespace
}  // namespace depthfinder
