// SPDX-License-Identifier: MIT
// The pure parts of a trial: the proof of the mask, and the JSON between restore and sweep.
#include "harness/trial_runner.h"

#include <gtest/gtest.h>

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
