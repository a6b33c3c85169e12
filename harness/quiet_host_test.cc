// SPDX-License-Identifier: MIT
#include "harness/quiet_host.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/host_probe.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;

// Pieces of 40 ms, every other one longer by this share.
std::vector<double> pieces(double longer) {
  std::vector<double> made;
  for (int i = 0; i < 24; ++i) made.push_back(i % 2 == 0 ? 0.04 : 0.04 * (1 + longer));
  return made;
}

struct Row {
  const char* what;
  HostNoise noise;
  const char* finding;  // null: quiet
};

TEST(QuietHost, SaysWhatIsNoisy) {
  const Row rows[] = {
      {"a quiet host", {8, 0.2, 0.01, 0.0, pieces(0.01)}, nullptr},
      {"nothing could be read", {8, {}, {}, {}, {}}, nullptr},
      {"a hypervisor that takes", {8, 0.2, 0.01, 0.12, pieces(0.01)}, "the hypervisor takes 12 %"},
      {"a build beside it", {8, 0.2, 0.5, 0.0, pieces(0.01)}, "other work takes 50 % of the CPUs"},
      {"a queue of processes", {2, 3.5, 0.1, 0.0, pieces(0.01)}, "the load average is 3.5 on 2 CPUs"},
      {"the same load on more CPUs", {8, 3.5, 0.1, 0.0, pieces(0.01)}, nullptr},
      {"speed that wanders", {8, 0.2, 0.01, 0.0, pieces(0.4)}, "40 blocks would show differences of"},
  };
  for (const Row& row : rows) {
    const QuietVerdict verdict = judge_host(row.noise);
    EXPECT_EQ(verdict.quiet, row.finding == nullptr) << row.what << ": " << noise_line(verdict);
    if (row.finding != nullptr) {
      EXPECT_THAT(noise_line(verdict), HasSubstr(row.finding)) << row.what;
    }
  }
}

// 24 values, half of them ln(1.2) above the others: the sd is ln(1.2) / 2 * sqrt(24 / 23).
TEST(QuietHost, MeasuresTheSpreadOfLogTimes) {
  const QuietVerdict verdict = judge_host({8, {}, {}, {}, pieces(0.2)});
  EXPECT_NEAR(verdict.probe_log_sd, std::log(1.2) / 2 * std::sqrt(24.0 / 23), 1e-12);
  EXPECT_EQ(verdict.blocks_needed, 40);
}

TEST(HostProbe, ReadsTheKernelsTicks) {
  const auto ticks = parse_cpu_ticks("cpu  100 20 30 800 50 1 2 7 0 0\ncpu0 1 2 3 4 5 6 7 8\n");
  ASSERT_TRUE(ticks);
  EXPECT_EQ(ticks->busy, 153U);
  EXPECT_EQ(ticks->steal, 7U);
  EXPECT_EQ(ticks->total, 1010U);
  for (const char* text : {"", "intr 1 2 3 4 5 6 7", "cpu 1 2", "cpu a b c d e f g"})
    EXPECT_FALSE(parse_cpu_ticks(text)) << text;
}

}  // namespace
}  // namespace depthfinder
