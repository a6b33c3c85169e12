// SPDX-License-Identifier: MIT
// DueSchedule: when a bystander's work is due, and what its samples are. Pure: the times come from outside.
//
// Periodic work is timed from when it was due, so that a late start is part of what is measured. One run serves every
// period that was due when it began, as one commit serves all who wait for it: each of them is a sample of its own
// (a missed period counts its waiting), and there is one sample per period however busy the host is. A command is timed
// from its start and begins again at the next period, or at once where it took longer.
#pragma once

#include <optional>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder {

enum class TimedFrom { due, start };

class DueSchedule {
 public:
  // The first work is due at `start`, none at or after `end`.
  DueSchedule(TimePoint start, Nanoseconds period, TimedFrom from, std::optional<TimePoint> end);

  // When the next work is due; nothing when there is none any more.
  [[nodiscard]] std::optional<TimePoint> next() const;

  // One run took from `begun` (not before next()) to `ended`: appends its samples.
  void served(TimePoint begun, TimePoint ended, std::vector<double>& samples_ms);

 private:
  TimePoint next_;
  Nanoseconds period_;
  TimedFrom from_;
  std::optional<TimePoint> end_;
};

}  // namespace depthfinder
