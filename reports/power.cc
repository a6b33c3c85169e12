// SPDX-License-Identifier: MIT
#include "reports/power.h"

#include <algorithm>
#include <cmath>

#include "reports/statistics.h"
#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

constexpr double kConfidence = 0.95;
constexpr double kZOfPower = 0.8416212335729143;  // the normal distribution's 80 % quantile
constexpr int kBlocksMax = 1000;

// Mean log ratio, in units of one block's spread, that n blocks show.
double resolution(int blocks) {
  return (student_t_quantile(kConfidence, blocks - 1) + kZOfPower) / std::sqrt(static_cast<double>(blocks));
}

}  // namespace

int blocks_for(double log_sd, double log_effect) {
  DF_CHECK(log_sd >= 0 && log_effect > 0);
  int blocks = 2;
  while (blocks < kBlocksMax && resolution(blocks) * log_sd > log_effect) ++blocks;
  return blocks;
}

int powered_blocks(double log_sd) {
  return std::clamp(blocks_for(log_sd, std::log1p(kEffectWanted)), kPoweredBlocksMin, kPoweredBlocksMax);
}

double detectable_effect(double log_sd, int blocks) {
  DF_CHECK(log_sd >= 0 && blocks >= 2);
  return std::expm1(resolution(blocks) * log_sd);
}

}  // namespace depthfinder
