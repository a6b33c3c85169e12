// SPDX-License-Identifier: MIT
// LevelMeter: a number that changes in steps, summed over time, for its time-weighted mean. One thread's.
#pragma once

#include <algorithm>

#include "restore_core/base/clock.h"

namespace depthfinder {

class LevelMeter {
 public:
  void begin(TimePoint now, double level) {
    begin_ = changed_ = now;
    level_ = level;
  }
  void set(TimePoint now, double level) {
    sum_ = level_seconds(now);
    changed_ = now;
    level_ = level;
  }
  // Level times seconds since the beginning.
  [[nodiscard]] double level_seconds(TimePoint now) const {
    return sum_ + level_ * to_seconds(now - changed_);
  }
  [[nodiscard]] double mean(TimePoint now) const {
    return level_seconds(now) / std::max(to_seconds(now - begin_), 1e-9);
  }

 private:
  TimePoint begin_, changed_;
  double level_ = 0;
  double sum_ = 0;
};

}  // namespace depthfinder
