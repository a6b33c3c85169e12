// SPDX-License-Identifier: MIT
#include "harness/bystander/due_schedule.h"

#include <algorithm>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

double to_ms(Nanoseconds duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

DueSchedule::DueSchedule(TimePoint start, Nanoseconds period, TimedFrom from, std::optional<TimePoint> end)
    : next_(start), period_(period), from_(from), end_(end) {
  DF_CHECK(period > Nanoseconds::zero());
}

std::optional<TimePoint> DueSchedule::next() const {
  if (end_ && next_ >= *end_) return std::nullopt;
  return next_;
}

void DueSchedule::served(TimePoint begun, TimePoint ended, std::vector<double>& samples_ms) {
  DF_CHECK(next() && begun >= next_ && ended >= begun);
  if (from_ == TimedFrom::start) {
    samples_ms.push_back(to_ms(ended - begun));
    next_ = std::max(next_ + period_, ended);
    return;
  }
  for (; next() && next_ <= begun; next_ += period_) samples_ms.push_back(to_ms(ended - next_));
}

}  // namespace depthfinder
