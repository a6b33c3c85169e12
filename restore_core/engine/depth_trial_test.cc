// SPDX-License-Identifier: MIT
// The comparison of two depths: the burden of proof is on the change. A larger depth must gain max(5 %, two standard
// errors), a smaller one must lose less than half of 5 %; windows are measured in turns, two at each depth.
#include "restore_core/engine/depth_trial.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using namespace std::chrono_literals;

// Noise after many windows, each `spread` from the one before it: sigma is spread / sqrt 2, at least 0.4 %.
WindowNoise noise_of(double spread) {
  WindowNoise noise;
  for (int i = 0; i < 400; ++i) noise.add_difference(i % 2 == 0 ? spread : -spread);
  return noise;
}

TEST(WindowNoise, IsTheStandardDeviationOfSuccessiveDifferences) {
  EXPECT_DOUBLE_EQ(WindowNoise().sigma(), 0.04) << "the guess at first";
  EXPECT_NEAR(noise_of(0.1).sigma(), 0.1 / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(noise_of(0).sigma(), 0.004, 1e-12) << "whole chunks are counted: never quite without noise";
}

TEST(WindowNoise, TakesAChangeOfTheLevelForNoNoise) {
  WindowNoise jumped = noise_of(0.03), doubled = jumped;
  const double before = jumped.sigma();
  jumped.add_difference(-5);  // to 0.7 % of the rate
  doubled.add_difference(4 * before * std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(jumped.sigma(), doubled.sigma()) << "what is far outside counts as just outside";
  EXPECT_LT(jumped.sigma(), 1.5 * before);
}

TEST(WindowNoise, TwoDifferencesWeighAsMuchAsTheGuess) {
  WindowNoise noise;
  noise.add_difference(0);
  noise.add_difference(0);
  EXPECT_DOUBLE_EQ(noise.sigma(), 0.04 / std::sqrt(2.0));
}

TEST(DepthTrial, MeasuresTwoWindowsInTurnAndTheTriedDepthFirst) {
  DepthTrial trial(16, 24, 0, noise_of(0.2));
  EXPECT_TRUE(trial.upward());
  EXPECT_FALSE(DepthTrial(16, 12, 0, {}).upward());
  std::string turns;
  for (int i = 0; i < 10; ++i) {
    turns += trial.depth() == trial.tried() ? 't' : 'h';
    ASSERT_EQ(trial.add(trial.depth() == trial.tried() ? 0.12 : 0, 1s), TrialVerdict::undecided) << i;
  }
  EXPECT_EQ(turns, "tthhtthhtt");
}

struct VerdictRow {
  const char* what;
  double gain_percent;  // of the tried depth over the held one
  double spread;        // between successive windows of either: ln(rate) goes up and down by half of it
  TrialVerdict up, down;
};

TrialVerdict verdict_of(int tried, double gain_percent, double spread, int* tried_windows = nullptr) {
  DepthTrial trial(16, tried, 0, noise_of(spread));
  int windows[2] = {0, 0};  // at the held depth and at the tried one
  for (int i = 0; i < 100; ++i) {
    const bool at_tried = trial.depth() == trial.tried();
    const double noise = windows[at_tried]++ % 2 == 0 ? spread / 2 : -spread / 2;
    const TrialVerdict verdict = trial.add((at_tried ? std::log1p(gain_percent / 100) : 0) + noise, 300ms);
    if (tried_windows) *tried_windows = windows[1];
    if (verdict != TrialVerdict::undecided) return verdict;
  }
  return TrialVerdict::undecided;
}

TEST(DepthTrial, FollowsItsTable) {
  constexpr auto keep = TrialVerdict::keep, reject = TrialVerdict::reject;
  const VerdictRow rows[] = {
      // what                                      gain  spread    up      down
      {"half as much again", 50, 0, keep, keep},
      {"clearly more", 10, 0, keep, keep},
      {"more than 5 %", 6, 0, keep, keep},
      {"more, and not 5 %", 4, 0, reject, keep},
      {"the same: the smaller depth wins", 0, 0, reject, keep},
      {"a loss of less than half of 5 %", -1, 0, reject, keep},
      {"a loss of more than half of 5 %", -4, 0, reject, reject},
      {"a clear loss", -10, 0, reject, reject},
      {"half is lost", -50, 0, reject, reject},
      // sigma is 10 %: after 16 windows of each two standard errors are 7 %
      {"6 % within the noise is no proof", 6, 0.14, reject, keep},
      {"20 % is more than the noise", 20, 0.14, keep, keep},
      {"the same within the noise: no proof that nothing is lost", 0, 0.14, reject, reject},
      {"40 % lost is more than the noise", -40, 0.14, reject, reject},
  };
  for (const VerdictRow& row : rows) {
    EXPECT_EQ(verdict_of(24, row.gain_percent, row.spread), row.up) << row.what << ", upwards";
    EXPECT_EQ(verdict_of(12, row.gain_percent, row.spread), row.down) << row.what << ", downwards";
  }
}

TEST(DepthTrial, AlwaysEnds) {
  for (const int tried : {12, 24}) {
    for (const double spread : {0.0, 0.02, 0.1, 0.5}) {
      for (int gain_percent = -90; gain_percent <= 90; ++gain_percent) {
        int windows = 0;
        EXPECT_NE(verdict_of(tried, gain_percent, spread, &windows), TrialVerdict::undecided) << gain_percent;
        EXPECT_LE(windows, DepthTrial::kWindowsMax) << gain_percent;
      }
    }
  }
}

TEST(DepthTrial, DecidesAtOnceWhereItIsClear) {
  int windows = 0;
  verdict_of(24, 60, 0, &windows);
  EXPECT_EQ(windows, 1) << "more";
  verdict_of(24, -60, 0, &windows);
  EXPECT_EQ(windows, 1) << "less";
}

TEST(DepthTrial, BooksTheTimeThatTheTriedDepthLost) {
  struct TrialRow {
    const char* what;
    double rate_ratio;  // tried over held
    Nanoseconds tried_time, lost;
  };
  const TrialRow rows[] = {
      {"half the rate: half of the time was lost", 0.5, 2s, 1s},
      {"a tenth of it", 0.9, 10s, 1s},
      {"nothing", 1.0, 10s, 0s},
      {"a gain is no loss, and pays for nothing", 2.0, 10s, 0s},
  };
  for (const TrialRow& row : rows) {
    DepthTrial trial(16, 12, std::log(100), noise_of(0));
    trial.add(std::log(100 * row.rate_ratio), row.tried_time);
    EXPECT_NEAR(to_seconds(trial.lost()), to_seconds(row.lost), 1e-6) << row.what;
    EXPECT_NEAR(trial.difference(), std::log(row.rate_ratio), 1e-12) << row.what;
    EXPECT_NEAR(trial.held_ln_rate(), std::log(100), 1e-12) << row.what;
  }
}

TEST(DepthTrial, StandardErrorIsThatOfADifferenceOfTwoMeans) {
  DepthTrial trial(16, 24, 0, noise_of(0));
  trial.add(0.045, 1s);
  trial.add(0.045, 1s);  // two at the tried depth, one at the held one
  EXPECT_NEAR(trial.standard_error(), 0.004 * std::sqrt(1.0 / 2 + 1.0 / 1), 1e-12);
}

}  // namespace
}  // namespace depthfinder
