// SPDX-License-Identifier: MIT
// MachineNoise: a machine whose speed drifts, as a dilation of time: what takes t on the ideal machine takes t times a
// slowness that is e^x, x an AR(1) sequence of 50 ms steps. Both clocks only go forward. A pure function of its seed, so
// that two runs meet the same slowness at the same time. For simulations.
#pragma once

#include <cmath>
#include <numbers>

#include "restore_core/base/clock.h"
#include "restore_core/base/random.h"

namespace depthfinder {

class MachineNoise {
 public:
  MachineNoise(double sigma, Nanoseconds memory, std::uint64_t seed)
      : sigma_(sigma), keep_(std::exp(-kStep_s / std::max(1e-3, to_seconds(memory)))), random_(seed) {
    x_ = sigma_ * normal();
  }

  // Moves both clocks on by an ideal duration; returns how long it really took.
  double pass(double ideal_s) {
    double passed_s = 0;
    while (true) {
      const double slowness = std::exp(x_);
      const double left_s = kStep_s - in_step_s_;
      if (ideal_s * slowness < left_s) {
        in_step_s_ += ideal_s * slowness;
        return passed_s + ideal_s * slowness;
      }
      passed_s += left_s;
      ideal_s -= left_s / slowness;
      in_step_s_ = 0;
      x_ = keep_ * x_ + sigma_ * std::sqrt(1 - keep_ * keep_) * normal();
    }
  }

 private:
  static constexpr double kStep_s = 0.05;

  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - random_.uniform()));
    return radius * std::cos(2 * std::numbers::pi * random_.uniform());
  }

  double sigma_;
  double keep_;
  Random random_;
  double x_ = 0;
  double in_step_s_ = 0;
};

}  // namespace depthfinder
