// SPDX-License-Identifier: MIT
#include "reports/gate_looks.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

// Jennison and Turnbull (1999), table 2.3, two looks: C = 1.678, 1.977 and 2.580 for two-sided errors of 10, 5 and 1 %;
// the same constants give half of these from one side (to what the far side adds, below 1e-4).
TEST(Looks, AgreeWithThePublishedConstants) {
  EXPECT_NEAR(looks_error(1.678), 0.05, 2e-4);
  EXPECT_NEAR(looks_error(1.977), 0.025, 1e-4);
  EXPECT_NEAR(looks_error(2.580), 0.005, 3e-5);
  EXPECT_NEAR(looks_boundary(0.025), 1.977, 1e-3);
}

// By another way: a million pairs of independent normal variables, the halves of the data. The error of 1e6 such draws is
// 0.0001. (The rounder 2.329 and 3.294 that go about for 1 % give 1.016 %.)
TEST(Looks, AgreeWithSimulation) {
  Random random(20250707);
  const double c = looks_boundary(0.01);
  int rejected = 0, rounder = 0;
  constexpr int kRuns = 1'000'000;
  for (int i = 0; i < kRuns; ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    const double angle = 2 * std::numbers::pi * random.uniform();
    const double first = radius * std::cos(angle);
    const double last = (first + radius * std::sin(angle)) / std::numbers::sqrt2;
    rejected += first > c * std::numbers::sqrt2 || last > c;
    rounder += first > 3.294 || last > 2.329;
  }
  EXPECT_NEAR(rejected / 1e6, 0.01, 4e-4);
  EXPECT_NEAR(rounder / 1e6, looks_error(2.329), 4e-4);
  EXPECT_NEAR(c, 2.329, 6e-3);
}

TEST(Looks, LevelsAreThoseOfTheNormalTable) {
  const LookLevels levels = look_levels(0.01);
  EXPECT_NEAR(levels.first, 0.000483, 1e-6);  // Q(3.300)
  EXPECT_NEAR(levels.last, 0.00981, 1e-5);    // Q(2.3337)
}

TEST(Looks, APValueAtItsLevelIsTheError) {
  for (const double error : {0.2, 0.05, 0.01, 0.01 / 12, 1e-6}) {
    const LookLevels levels = look_levels(error);
    EXPECT_NEAR(first_look_p_value(levels.first) / error, 1, 1e-4) << error;
    EXPECT_NEAR(last_look_p_value(levels.last) / error, 1, 1e-4) << error;
  }
}

TEST(Looks, HoldAtBothEnds) {
  EXPECT_LT(last_look_p_value(0), 1e-20);
  EXPECT_LT(first_look_p_value(0), 1e-9);
  EXPECT_NEAR(last_look_p_value(1), 1, 1e-6);
  EXPECT_NEAR(first_look_p_value(1), 1, 1e-6);
  EXPECT_LT(last_look_p_value(0.001), last_look_p_value(0.002));
}

}  // namespace
}  // namespace depthfinder
