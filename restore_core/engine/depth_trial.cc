// SPDX-License-Identifier: MIT
#include "restore_core/engine/depth_trial.h"

#include <algorithm>
#include <cmath>

namespace depthfinder {

namespace {
constexpr double kSigmaMin = 0.004;  // below, counting whole chunks is the noise
constexpr int kWindowsInTurn = 2;
constexpr double kClearGain = 0.2;   // after one window
constexpr double kClearLoss = 0.08;  // or, where less is more, gain
}  // namespace

void WindowNoise::add_difference(double ln_difference) {
  // A change of the level is no noise: what is far outside counts as just outside.
  const double bounded = std::min(std::abs(ln_difference), 4 * sigma() * std::sqrt(2.0));
  weight_ = std::min(weight_ + 1, kWeightMax);
  variance_ += (bounded * bounded / 2 - variance_) / weight_;
}

double WindowNoise::sigma() const { return std::max(kSigmaMin, std::sqrt(variance_)); }

DepthTrial::DepthTrial(int held, int tried, double held_ln_rate, const WindowNoise& noise)
    : held_(held), tried_(tried), noise_(noise), held_side_{held_ln_rate, 1, held_ln_rate} {}

TrialVerdict DepthTrial::add(double ln_rate, Nanoseconds time) {
  Side& side = at_tried_ ? tried_side_ : held_side_;
  if (side.count > 0) noise_.add_difference(ln_rate - side.last);
  side.sum += ln_rate;
  side.last = ln_rate;
  ++side.count;
  if (at_tried_) tried_time_ += time;
  const TrialVerdict result = verdict();
  if (++in_turn_ >= kWindowsInTurn) {
    at_tried_ = !at_tried_;
    in_turn_ = 0;
  }
  return result;
}

double DepthTrial::difference() const { return tried_side_.mean() - held_side_.mean(); }

double DepthTrial::standard_error() const {
  return noise_.sigma() *
         std::sqrt(1.0 / std::max(1, tried_side_.count) + 1.0 / std::max(1, held_side_.count));
}

Nanoseconds DepthTrial::lost() const {
  const double share = 1 - std::exp(std::min(0.0, difference()));
  return from_seconds(to_seconds(tried_time_) * share);
}

TrialVerdict DepthTrial::verdict() const {
  const double mean = difference();
  const double error = standard_error();
  if (mean < -std::max(kClearLoss, 3 * error)) return TrialVerdict::reject;
  if (mean > std::max(upward() ? kClearGain : kClearLoss, 3 * error)) return TrialVerdict::keep;
  if (tried_side_.count < kWindowsInTurn) return TrialVerdict::undecided;
  if (mean + error < (upward() ? kGainMin : -kLossMax)) return TrialVerdict::reject;
  if (held_side_.count <= kWindowsInTurn)
    return TrialVerdict::undecided;  // not before both sides had their turn
  if (upward() ? mean >= std::max(kGainMin, 2 * error) : mean - error >= -kLossMax) return TrialVerdict::keep;
  return tried_side_.count >= kWindowsMax ? TrialVerdict::reject : TrialVerdict::undecided;
}

}  // namespace depthfinder
