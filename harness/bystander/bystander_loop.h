// SPDX-License-Identifier: MIT
// run_bystander(): the loop of a bystander, between a schedule, the work and whoever listens. One thread. It knows no
// process and no file: waiting and reporting are seams, so that tests step the clock.
#pragma once

#include <functional>
#include <optional>

#include "harness/bystander/due_schedule.h"
#include "harness/bystander/report_line.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

enum class Wake {
  due,   // the time has come
  mark,  // somebody wants to know what there is up to now; what is due is served first
  end,   // nobody wants more
};

// Where the loop waits.
class BystanderWaiter {
 public:
  virtual ~BystanderWaiter() = default;
  virtual Wake wait_until(TimePoint due) = 0;
};

// Where lines go. Must not make the loop wait.
class BystanderListener {
 public:
  virtual ~BystanderListener() = default;
  virtual void on_report(const BystanderReport& report) = 0;
  virtual void on_mark() = 0;
};

struct BystanderLoopSettings {
  Nanoseconds period{};
  TimedFrom from = TimedFrom::due;
  std::optional<Nanoseconds> duration;  // no work is due after it; nothing: until the waiter says so
  Nanoseconds report_interval = std::chrono::milliseconds(100);
};

// One run of the work. Cancelled is an end without a sample, not a failure.
using BystanderWork = std::function<Result<void>()>;

// Errors: the work's.
Result<void> run_bystander(const BystanderLoopSettings& settings, const Clock& clock, BystanderWaiter& waiter,
                           const BystanderWork& work, BystanderListener& listener);

}  // namespace depthfinder
