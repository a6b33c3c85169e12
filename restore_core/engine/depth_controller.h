// SPDX-License-Identifier: MIT
// DepthController: decides how many chunks are in flight and how many threads decode, from what each measuring window of
// a restore gained. A value without clock, lock, I/O or randomness: the same samples give the same decisions. The
// thread that issues requests owns it. It neither measures nor issues, and it never allows more than its limits.
//
// The rule in words. Too few in flight cost time, too many cost memory; so it starts with many, doubles while that gains
// 25 %, and then lets go of what gains nothing. A step is a trial: windows at the other depth between windows at the
// held one, compared in pairs, because a machine's speed drifts. A larger depth must prove its gain, a smaller one that
// it loses next to nothing. What trials lose is booked, and the next one waits until the time since has paid for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/clock.h"
#include "restore_core/engine/bystander_guard.h"
#include "restore_core/engine/depth_trial.h"
#include "restore_core/engine/error_guard.h"

namespace depthfinder {

struct DepthLimits {
  int depth_max = 32;   // at least 1
  int threads_max = 1;  // at least 1
  int depth_start = 16;
  int threads_start = 1;
};

// depth_max: what the budget holds, a receive and a decode buffer for each chunk in flight. The start: twice `knee_depth`
// where a profile knows it (N* = X_best / X(1)), else 16. One decode worker per core at most, and all of them at first.
DepthLimits depth_limits(std::uint64_t memory_budget_bytes, std::uint64_t chunk_bytes, int cores,
                         std::optional<double> knee_depth);

// One window, as measured by the engine.
struct DepthSample {
  Nanoseconds time{0};              // since the first request, at the window's end
  Nanoseconds window{0};            // its length
  int completions = 0;              // chunks fetched, verified and written
  std::uint64_t goodput_bytes = 0;  // image bytes of those chunks
  int errors = 0;                   // fetches of chunks that were tried again, whatever the cause
  double writer_busy_share = 0;     // 0..1 of the writers' time
  double decode_busy_share = 0;     // 0..1 of the decode workers' time
  double blobs_waiting_mean = 0;    // arrived, and no worker has taken them yet
  double ready_waiting_mean = 0;    // decoded, and no writer has taken them yet
  double slots_in_use_mean =
      0;  // requested and not yet written; less than the depth where it cannot be filled
  std::uint64_t chunks_left = UINT64_MAX;  // not yet requested
  std::optional<double> bystander_ratio;   // what beside the restore got slower by; 1 is not at all
  std::optional<double> bystander_budget;  // what that may be at most
};

enum class DecisionKind {
  settle,        // the window still held chunks of the depth before: not counted
  hold,          // nothing to do
  double_depth,  // the start: twice as much
  try_more,      // a trial of a larger depth begins or goes on
  try_less,      // the same of a smaller one
  keep,          // the trial's depth is the new one
  give_back,     // the depth before the trial stays
  freeze,        // the writer is the limit: no larger depth is tried
  halve,         // errors
  yield,         // a bystander suffers
  more_threads,
  fewer_threads
};
std::string_view decision_name(DecisionKind kind);  // "settle", "double", "try-more", ...

struct DepthDecision {
  int depth = 1;
  int threads = 1;
  DecisionKind kind = DecisionKind::hold;
  std::string reason;  // for people: "+28 % from depth 8 to 16: doubled again"
};

class DepthController {
 public:
  // Limits below 1 are a programmer's mistake; starts are clamped to their limits.
  explicit DepthController(const DepthLimits& limits);

  // In force now, and what the next window is to be measured at.
  [[nodiscard]] int depth() const { return depth_; }
  [[nodiscard]] int threads() const { return threads_; }

  // Ask after each completion. True: the window is long enough; pass it to decide() and begin the next one.
  [[nodiscard]] bool window_complete(int completions, Nanoseconds elapsed) const;

  DepthDecision decide(const DepthSample& sample);

 private:
  enum class Phase { doubling, holding, trying };

  // The windows at the held depth since it or anything else changed.
  struct Held {
    double ln_rate_sum = 0;
    double ln_rate_last = 0;
    int windows = 0;
    [[nodiscard]] double ln_rate_mean() const { return windows > 0 ? ln_rate_sum / windows : 0; }
  };
  // When to try a direction again: `wait` windows at the held depth after the last trial of any kind.
  struct Patience {
    int wait = 1;
    void failed();
  };
  [[nodiscard]] DepthDecision decided(DecisionKind kind, std::string reason) const;
  void move_to(int depth);
  void begin_holding();

  std::optional<DepthDecision> react_to_errors(const DepthSample& sample);
  DepthDecision halve(const std::string& cause, double failures_per_chunk);
  DepthDecision review_halving(const DepthSample& sample);
  DepthDecision pass_over(const DepthSample& sample);
  std::optional<DepthDecision> react_to_bystander(const DepthSample& sample);
  std::optional<DepthDecision> adjust_threads(const DepthSample& sample);
  DepthDecision double_on(double ln_rate, const DepthSample& sample);
  DepthDecision hold(double ln_rate, const DepthSample& sample);
  bool note_held(double ln_rate);
  [[nodiscard]] bool may_grow(const DepthSample& sample) const;
  DepthDecision start_again(double ln_rate, const DepthSample& sample);
  DepthDecision begin_trial(int tried);
  DepthDecision go_on_trying(double ln_rate, Nanoseconds window);
  DepthDecision end_trial(TrialVerdict verdict, const std::string& cause);

  DepthLimits limits_;
  int depth_;
  int threads_;
  int threads_ceiling_;  // threads_max, or what a bystander bears
  int settling_;  // completions of chunks that were requested under other settings; 0 when they are through
  Nanoseconds settled_time_{0};  // that the last of these windows took
  Phase phase_ = Phase::doubling;
  int doubled_from_ = 1;
  std::optional<double> doubled_ln_rate_;  // at the depth before
  Held held_;
  int surprises_ = 0;  // windows in a row far from the mean of the held ones
  WindowNoise noise_;
  std::optional<DepthTrial> trial_;
  int passed_over_ = 0;  // windows of the trial
  Patience more_, less_;
  bool less_next_ = true;
  Nanoseconds debt_{0};  // lost in trials and not yet paid for
  ErrorGuard errors_;
  int halved_from_ = 1;
  BystanderGuard bystander_;
  int idle_windows_ = 0;  // in which a thread less would have done
};

}  // namespace depthfinder
