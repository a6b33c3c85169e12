// SPDX-License-Identifier: MIT
// DepthTrial: a comparison of two depths by windows measured in turns: two at the tried one, two at the held one, and so
// on, because the speed of a machine drifts by several percent within seconds. It ends as soon as the answer is clear,
// and after a set number of windows with "reject": the burden of proof is on the change. A value of DepthController's.
#pragma once

#include <optional>

#include "restore_core/base/clock.h"

namespace depthfinder {

// What the windows of one setting differ by among themselves: the standard deviation of ln(rate), from successive
// differences, so that slow drift is not counted. Begins with a guess that two differences outweigh.
class WindowNoise {
 public:
  void add_difference(double ln_difference);
  [[nodiscard]] double sigma() const;

 private:
  static constexpr double kFirstGuess = 0.04;
  static constexpr double kWeightMax = 24;  // windows; older ones are forgotten

  double weight_ = 2;
  double variance_ = kFirstGuess * kFirstGuess;
};

enum class TrialVerdict { undecided, keep, reject };

class DepthTrial {
 public:
  static constexpr double kGainMin = 0.05;          // what a larger depth must gain
  static constexpr double kLossMax = kGainMin / 2;  // less than which a smaller one may lose
  static constexpr int kWindowsMax = 16;            // at the tried depth

  // `held_ln_rate`: of the window just before, at the held depth.
  DepthTrial(int held, int tried, double held_ln_rate, const WindowNoise& noise);

  [[nodiscard]] int held() const { return held_; }
  [[nodiscard]] int tried() const { return tried_; }
  [[nodiscard]] bool upward() const { return tried_ > held_; }
  // Which of the two the next window is for.
  [[nodiscard]] int depth() const { return at_tried_ ? tried_ : held_; }

  // The natural logarithm of the rate of a window at depth(), and how long it took, what was not counted before it
  // included.
  TrialVerdict add(double ln_rate, Nanoseconds time);

  // As given, and what the windows of this trial added to it.
  [[nodiscard]] const WindowNoise& noise() const { return noise_; }
  [[nodiscard]] double held_ln_rate() const { return held_side_.mean(); }
  // ln(rate at the tried depth / rate at the held one), and its standard error.
  [[nodiscard]] double difference() const;
  [[nodiscard]] double standard_error() const;
  // Time that the tried windows so far took longer than the held depth would have needed; not negative.
  [[nodiscard]] Nanoseconds lost() const;

 private:
  struct Side {
    double sum = 0;
    int count = 0;
    double last = 0;
    [[nodiscard]] double mean() const { return count > 0 ? sum / count : 0; }
  };

  [[nodiscard]] TrialVerdict verdict() const;

  int held_;
  int tried_;
  WindowNoise noise_;
  Side held_side_, tried_side_;
  bool at_tried_ = true;
  int in_turn_ = 0;  // windows since the last change of sides
  Nanoseconds tried_time_{0};
};

}  // namespace depthfinder
