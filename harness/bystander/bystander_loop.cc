// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_loop.h"

namespace depthfinder {
namespace {

class Loop {
 public:
  Loop(const BystanderLoopSettings& settings, const Clock& clock, BystanderListener& listener)
      : settings_(settings),
        clock_(clock),
        listener_(listener),
        start_(clock.now()),
        reported_(start_),
        schedule_(start_, settings.period, settings.from,
                  settings.duration ? std::optional(start_ + *settings.duration) : std::nullopt) {}

  Result<void> run(BystanderWaiter& waiter, const BystanderWork& work) {
    Result<void> outcome;
    for (Wake wake = Wake::due; wake != Wake::end && schedule_.next();) {
      const TimePoint due = *schedule_.next();
      wake = waiter.wait_until(due);
      // What was due when a mark or the end came is served first: somebody would have waited for it.
      if (clock_.now() >= due) outcome = serve(work);
      if (!outcome) break;
      if (wake == Wake::mark) answer_mark();
    }
    report();
    if (!outcome && outcome.error().kind == ErrorKind::cancelled) return {};
    return outcome;
  }

 private:
  Result<void> serve(const BystanderWork& work) {
    const TimePoint begun = clock_.now();
    DF_TRY(work());
    const TimePoint ended = clock_.now();
    schedule_.served(begun, ended, batch_.samples_ms);
    if (ended - reported_ >= settings_.report_interval) report();
    return {};
  }

  void answer_mark() {
    report();
    listener_.on_mark();
  }

  void report() {
    if (batch_.samples_ms.empty()) return;
    reported_ = clock_.now();
    batch_.t_s = to_seconds(reported_ - start_);
    listener_.on_report(batch_);
    batch_.samples_ms.clear();
  }

  const BystanderLoopSettings& settings_;
  const Clock& clock_;
  BystanderListener& listener_;
  const TimePoint start_;
  TimePoint reported_;
  DueSchedule schedule_;
  BystanderReport batch_;
};

}  // namespace

Result<void> run_bystander(const BystanderLoopSettings& settings, const Clock& clock, BystanderWaiter& waiter,
                           const BystanderWork& work, BystanderListener& listener) {
  return Loop(settings, clock, listener).run(waiter, work);
}

}  // namespace depthfinder
