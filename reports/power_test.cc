// SPDX-License-Identifier: MIT
// Against G*Power 3.1 (Faul et al. 2009), t tests of one mean, one-tailed, alpha 0.05, power 0.80: d 1.0 takes 8, d 0.8
// takes 12, d 0.5 takes 27, d 0.3 takes 71. That is of the noncentral t; t + z, as used here, comes within one.
#include "reports/power.h"

#include <cmath>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Power, TakesAsManyBlocksAsPublished) {
  EXPECT_NEAR(blocks_for(1, 1.0), 8, 1);
  EXPECT_NEAR(blocks_for(1, 0.8), 12, 1);
  EXPECT_NEAR(blocks_for(1, 0.5), 27, 1);
  EXPECT_NEAR(blocks_for(1, 0.3), 71, 1);
  EXPECT_EQ(blocks_for(0, 0.03), 2);
  EXPECT_EQ(blocks_for(1e6, 0.03), 1000);
}

// By hand: t(0.95, 7) = 1.895 of the tables, z = 0.842; 8 blocks of 3 % show (1.895 + 0.842) 0.03 / sqrt(8) = 0.0290.
TEST(Power, SaysWhatSoManyBlocksShow) {
  EXPECT_NEAR(std::log1p(detectable_effect(0.03, 8)), 0.0290, 0.0001);
  EXPECT_NEAR(std::log1p(detectable_effect(0.03, 2)), (6.314 + 0.842) * 0.03 / std::sqrt(2.0), 0.0001);
  EXPECT_EQ(detectable_effect(0, 5), 0);
}

TEST(Power, KeepsToItsBounds) {
  EXPECT_EQ(powered_blocks(0.001), kPoweredBlocksMin);
  EXPECT_EQ(powered_blocks(0.5), kPoweredBlocksMax);
  const int blocks = powered_blocks(0.05);
  EXPECT_GT(blocks, kPoweredBlocksMin);
  EXPECT_LT(blocks, kPoweredBlocksMax);
  EXPECT_LE(detectable_effect(0.05, blocks), kEffectWanted);
  EXPECT_GT(detectable_effect(0.05, blocks - 1), kEffectWanted);
}

}  // namespace
}  // namespace depthfinder
