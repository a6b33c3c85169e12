// SPDX-License-Identifier: MIT
#include "harness/profile/floor.h"

#include <gtest/gtest.h>

#include "harness/profile/sample_profile.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kGb = 1'000'000'000;

// One ns per byte of a GB is one second.
TEST(Floor, IsTheSumOfWhatCannotBeLeftOut) {
  struct Case {
    const char* what;
    RestoreFacts facts;
    double floor_s;
  };
  const Case cases[] = {
      {"nothing", {}, 0},
      {"framing alone", {kGb, 0, 0, 1, false, 0}, 0.5 + 0.05},
      {"plain, incompressible", {kGb, kGb, 0, 1, false, 0}, 0.5 + 0.05 + 0.25},
      {"encrypted, incompressible", {kGb, kGb, 0, 1, true, 0}, 0.5 + 0.05 + 0.2 + 0.25},
      {"plain, ratio 2", {kGb / 2, kGb, kGb, 2, false, 0}, 0.5 * 0.55 + 0.3 + 0.25},
      {"encrypted, ratio 2", {kGb / 2, kGb, kGb, 2, true, 0}, 0.5 * 0.75 + 0.3 + 0.25},
      {"half of it compressed", {3 * kGb, 4 * kGb, 2 * kGb, 2, false, 0}, 3 * 0.55 + 2 * 0.3 + 4 * 0.25},
      {"into a file", {kGb, kGb, 0, 1, false, kGb}, 0.5 + 0.05 + 0.25 + 0.8},
      {"chunks fetched once, written twice", {kGb, kGb, 0, 1, false, 2 * kGb}, 0.5 + 0.05 + 0.25 + 1.6},
      {"a ratio of nothing is not looked at", {kGb, kGb, 0, 0, false, 0}, 0.5 + 0.05 + 0.25},
  };
  for (const Case& each : cases)
    EXPECT_NEAR(cpu_floor_s(sample_profile(), each.facts), each.floor_s, 1e-12) << each.what;
}

TEST(Floor, ZstdIsInterpolatedOverTheCompressedShare) {
  const std::pair<double, double> ratio_and_cost[] = {
      {1.25, 0.1},       {2, 0.3},    {4, 0.4},  // as measured
      {1 / 0.65, 0.2},                           // half way between shares 0.8 and 0.5
      {1 / 0.375, 0.35},                         // between 0.5 and 0.25
      {1.0, 0.1},        {0.99, 0.1},            // less than any measured
      {100, 0.4},                                // more than any measured
  };
  for (const auto& [ratio, cost] : ratio_and_cost)
    EXPECT_NEAR(zstd_ns_per_byte(sample_profile(), ratio), cost, 1e-12) << ratio;
}

TEST(Floor, HashesByTheCheapestKernel) {
  Profile profile = sample_profile();
  EXPECT_EQ(best_sha256(profile).kernel, "lanes-avx512-x16");
  std::erase_if(profile.stages, [](const StageCost& stage) { return stage.lanes > 1; });
  EXPECT_EQ(best_sha256(profile).kernel, "openssl-sha-ni");
  EXPECT_NEAR(cpu_floor_s(profile, {0, kGb, 0, 1, false, 0}), 0.6, 1e-12);
}

TEST(Floor, FourCases) {
  const auto cases = floor_cases(sample_profile());
  ASSERT_EQ(cases.size(), 4U);
  // zstd at 1.8: the compressed share 0.5556 lies 0.8148 of the way from 0.8 to 0.5.
  const double zstd = 0.1 + 0.2 * (0.8 - 1 / 1.8) / 0.3;
  EXPECT_NEAR(cases[0].ns_per_byte, 0.8, 1e-6);
  EXPECT_NEAR(cases[1].ns_per_byte, 0.55 / 1.8 + zstd + 0.25, 1e-6);
  EXPECT_NEAR(cases[2].ns_per_byte, 1.0, 1e-6);
  EXPECT_NEAR(cases[3].ns_per_byte, 0.75 / 1.8 + zstd + 0.25, 1e-6);
  EXPECT_EQ(cases[3].key, "encrypted_ratio_1_8");
}

}  // namespace
}  // namespace depthfinder
