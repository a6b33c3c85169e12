// SPDX-License-Identifier: MIT
// BystanderGuard: how deep a restore may go beside something that must not suffer. Over its budget the ceiling comes
// down to below the depth that was too much, and is remembered; after twenty quiet windows it rises by one. A value of
// DepthController's; it does not measure the bystander.
#pragma once

#include <algorithm>

namespace depthfinder {

class BystanderGuard {
 public:
  explicit BystanderGuard(int depth_max) : depth_max_(depth_max), ceiling_(depth_max) {}

  [[nodiscard]] int ceiling() const { return ceiling_; }
  void lower_to(int depth) { ceiling_ = std::max(1, depth); }

  // Adds a window: what the bystander got slower by, and what that may be. True: it suffers too much.
  bool suffers(double ratio, double budget) {
    if (ratio > budget) {
      quiet_windows_ = 0;
      return true;
    }
    quiet_windows_ = ratio < kQuietShare * budget ? quiet_windows_ + 1 : 0;
    if (quiet_windows_ >= kQuietWindows && ceiling_ < depth_max_) {
      quiet_windows_ = 0;
      ++ceiling_;
    }
    return false;
  }

 private:
  static constexpr double kQuietShare = 0.8;  // of the budget
  static constexpr int kQuietWindows = 20;

  int depth_max_;
  int ceiling_;
  int quiet_windows_ = 0;
};

}  // namespace depthfinder
