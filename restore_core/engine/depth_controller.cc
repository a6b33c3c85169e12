// SPDX-License-Identifier: MIT
#include "restore_core/engine/depth_controller.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "restore_core/base/check.h"
#include "restore_core/engine/thread_law.h"

namespace depthfinder {

namespace {

using namespace std::chrono_literals;

constexpr int kDepthStart = 16;
constexpr int kDepthLimit = 1024;
constexpr double kDoublingGain = 0.25;
constexpr double kProportion = 0.8;  // of the depth's growth: far below the knee
constexpr int kCompletionsMin = 12;
constexpr Nanoseconds kDoublingWindowMin = 100ms;
constexpr Nanoseconds kWindowMin = 300ms;
constexpr int kWaitMin = 4, kWaitMax = 64;  // windows
constexpr int kWaitKept = 8;
constexpr double kTrialCostShare = 0.01;  // of the time since
constexpr double kSurprise = 0.15;  // of the rate, that two windows in a row must be off for a new level
constexpr int kSurprises = 2;
constexpr double kLimitBusy = 0.9;
constexpr double kLimitWaiting = 1;  // chunks
constexpr double kFilled = 0.8;      // of the depth
constexpr int kPassedOverMax = 3;    // windows of a trial
constexpr int kMoveDepths = 3;
constexpr int kIdleWindows = 3;

int larger(int depth, int ceiling) { return std::min(ceiling, depth + std::max(1, depth / 2)); }
int smaller(int depth) { return depth - std::max(1, depth / 4); }

double percent(double ln_ratio) { return 100 * std::expm1(ln_ratio); }

// 0 has no logarithm; a window without a byte counts as one byte per second.
double ln_rate_of(const DepthSample& sample) {
  const double seconds = std::max(1e-9, to_seconds(sample.window));
  return std::log(std::max(1.0, static_cast<double>(sample.goodput_bytes) / seconds));
}

// Near the end no move pays any more.
bool worth_a_move(const DepthSample& sample, int depth) {
  return sample.chunks_left >= static_cast<std::uint64_t>(kMoveDepths) * static_cast<std::uint64_t>(depth);
}

FetchCount fetches(const DepthSample& sample, int depth) {
  return {sample.completions, sample.errors, depth};
}

bool writer_limits(const DepthSample& sample) {
  return sample.writer_busy_share > kLimitBusy && sample.ready_waiting_mean >= kLimitWaiting;
}

bool decoding_limits(const DepthSample& sample) {
  return sample.decode_busy_share > kLimitBusy && sample.blobs_waiting_mean >= kLimitWaiting;
}

}  // namespace

DepthLimits depth_limits(std::uint64_t memory_budget_bytes, std::uint64_t chunk_bytes, int cores,
                         std::optional<double> knee_depth) {
  DF_CHECK(chunk_bytes > 0 && cores > 0);
  const std::uint64_t held = memory_budget_bytes / (2 * chunk_bytes);
  DepthLimits limits;
  limits.depth_max = static_cast<int>(std::clamp<std::uint64_t>(held, 1, kDepthLimit));
  const double start =
      knee_depth ? std::clamp(std::ceil(2 * *knee_depth), 1.0, 1.0 * kDepthLimit) : kDepthStart;
  limits.depth_start = std::min(limits.depth_max, static_cast<int>(start));
  limits.threads_max = cores;
  limits.threads_start = cores;
  return limits;
}

std::string_view decision_name(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::settle:
      return "settle";
    case DecisionKind::hold:
      return "hold";
    case DecisionKind::double_depth:
      return "double";
    case DecisionKind::try_more:
      return "try-more";
    case DecisionKind::try_less:
      return "try-less";
    case DecisionKind::keep:
      return "keep";
    case DecisionKind::give_back:
      return "give-back";
    case DecisionKind::freeze:
      return "freeze";
    case DecisionKind::halve:
      return "halve";
    case DecisionKind::yield:
      return "yield";
    case DecisionKind::more_threads:
      return "more-threads";
    case DecisionKind::fewer_threads:
      return "fewer-threads";
  }
  return "hold";
}

void DepthController::Patience::failed() { wait = std::clamp(2 * wait, kWaitMin, kWaitMax); }

DepthController::DepthController(const DepthLimits& limits)
    : limits_(limits),
      depth_(std::clamp(limits.depth_start, 1, limits.depth_max)),
      threads_(std::clamp(limits.threads_start, 1, limits.threads_max)),
      threads_ceiling_(limits.threads_max),
      settling_(depth_),
      bystander_(limits.depth_max) {
  DF_CHECK(limits.depth_max > 0 && limits.threads_max > 0);
}

bool DepthController::window_complete(int completions, Nanoseconds elapsed) const {
  if (settling_ > 0) return completions >= settling_;
  if (phase_ == Phase::doubling)
    return completions >= std::max(kCompletionsMin, depth_) && elapsed >= kDoublingWindowMin;
  return completions >= std::max(kCompletionsMin, 2 * depth_) && elapsed >= kWindowMin;
}

DepthDecision DepthController::decided(DecisionKind kind, std::string reason) const {
  return {depth_, threads_, kind, std::move(reason)};
}

void DepthController::move_to(int depth) {
  settling_ = std::max(depth_, depth);
  depth_ = depth;
}

void DepthController::begin_holding() {
  phase_ = Phase::holding;
  held_ = {};
  surprises_ = 0;
  trial_.reset();
}

DepthDecision DepthController::decide(const DepthSample& sample) {
  if (auto decision = react_to_errors(sample)) return *decision;
  if (settling_ > 0) {
    settling_ = 0;
    settled_time_ = sample.window;
    return decided(DecisionKind::settle, "chunks requested before the last change: not counted");
  }
  if (auto decision = react_to_bystander(sample)) return *decision;
  if (errors_.reviewing()) return review_halving(sample);
  if (fetches(sample, depth_).lossy()) return pass_over(sample);
  const double ln_rate = ln_rate_of(sample);
  if (phase_ == Phase::trying) return go_on_trying(ln_rate, sample.window);
  if (auto decision = adjust_threads(sample)) return *decision;
  return phase_ == Phase::doubling ? double_on(ln_rate, sample) : hold(ln_rate, sample);
}

std::optional<DepthDecision> DepthController::react_to_errors(const DepthSample& sample) {
  const FetchCount count = fetches(sample, depth_);
  if (!errors_.alarming(count) || errors_.reviewing()) return std::nullopt;
  const std::string cause =
      fmt::format("{} fetches tried again, {} done at depth {}", count.errors, count.completions, depth_);
  if (trial_ && trial_->upward()) return end_trial(TrialVerdict::reject, cause);
  if (depth_ == 1) return std::nullopt;
  return halve(cause, count.failures_per_chunk());
}

DepthDecision DepthController::halve(const std::string& cause, double failures_per_chunk) {
  std::optional<double> before;
  if (trial_) before = trial_->held_ln_rate();
  if (held_.windows > 0) before = held_.ln_rate_mean();
  errors_.begin_review(before, failures_per_chunk);
  halved_from_ = depth_;
  begin_holding();
  more_.wait = kWaitMin;
  move_to((depth_ + 1) / 2);
  return decided(DecisionKind::halve, fmt::format("{}: halved to {}", cause, depth_));
}

DepthDecision DepthController::review_halving(const DepthSample& sample) {
  const FetchCount count = fetches(sample, depth_);
  const double ln_rate = ln_rate_of(sample);
  if (!count.lossy()) note_held(ln_rate);
  switch (errors_.review(count, ln_rate)) {
    case ErrorGuard::Finding::pending:
      return decided(DecisionKind::hold, "is half the depth better for the errors?");
    case ErrorGuard::Finding::helped:
      return decided(DecisionKind::keep, fmt::format("fewer errors at depth {}: kept", depth_));
    case ErrorGuard::Finding::same:
      if (depth_ == 1) return decided(DecisionKind::hold, "as many errors as before at depth 1");
      return halve("as many errors as before", errors_.reviewed_failures_per_chunk());
    case ErrorGuard::Finding::harmed:
      break;
  }
  const int less = depth_;
  begin_holding();
  move_to(std::min(halved_from_, bystander_.ceiling()));
  return decided(DecisionKind::give_back,
                 fmt::format("depth {} only lost goodput: the errors are not of the depth", less));
}

// A window that lost time to a failure. Those that did not are compared; where they are rare, ErrorGuard halves.
DepthDecision DepthController::pass_over(const DepthSample& sample) {
  const std::string cause = fmt::format("{} fetches tried again", sample.errors);
  if (phase_ == Phase::doubling) begin_holding();
  if (trial_ && trial_->upward() && ++passed_over_ > kPassedOverMax)
    return end_trial(TrialVerdict::reject, cause);
  return decided(DecisionKind::hold, cause + ": the window is not compared");
}

std::optional<DepthDecision> DepthController::react_to_bystander(const DepthSample& sample) {
  if (!sample.bystander_ratio || !sample.bystander_budget) return std::nullopt;
  if (!bystander_.suffers(*sample.bystander_ratio, *sample.bystander_budget)) return std::nullopt;
  if (depth_ == 1 && threads_ == 1) return std::nullopt;
  begin_holding();
  if (depth_ > 1) {
    bystander_.lower_to(smaller(depth_));
    move_to(bystander_.ceiling());
  } else {
    threads_ceiling_ = --threads_;
    settling_ = depth_;
  }
  return decided(DecisionKind::yield,
                 fmt::format("bystander {:.2f} times slower, budget {:.2f}: to depth {}, {} threads",
                             *sample.bystander_ratio, *sample.bystander_budget, depth_, threads_));
}

std::optional<DepthDecision> DepthController::adjust_threads(const DepthSample& sample) {
  const int wanted =
      wanted_threads({threads_, threads_ceiling_, sample.decode_busy_share, sample.blobs_waiting_mean},
                     phase_ == Phase::doubling);
  idle_windows_ = wanted < threads_ ? idle_windows_ + 1 : 0;
  if (wanted == threads_ || (wanted < threads_ && idle_windows_ < kIdleWindows)) return std::nullopt;
  const int before = threads_;
  threads_ = wanted;
  idle_windows_ = 0;
  settling_ = depth_;
  doubled_ln_rate_.reset();
  held_ = {};
  return decided(wanted > before ? DecisionKind::more_threads : DecisionKind::fewer_threads,
                 fmt::format("workers busy {:.0f} %, {:.1f} blobs waiting: from {} to {} threads",
                             100 * sample.decode_busy_share, sample.blobs_waiting_mean, before, wanted));
}

DepthDecision DepthController::double_on(double ln_rate, const DepthSample& sample) {
  const int before = depth_;
  std::string reason = "start";
  if (doubled_ln_rate_) {
    const double gain = ln_rate - *doubled_ln_rate_;
    reason = fmt::format("{:+.0f} % from depth {} to {}", percent(gain), doubled_from_, depth_);
    if (gain < std::log1p(kDoublingGain) * std::log2(1.0 * depth_ / doubled_from_)) {
      const bool kept = gain >= std::log1p(DepthTrial::kGainMin);
      begin_holding();
      if (!kept) move_to(doubled_from_);
      return decided(kept ? DecisionKind::keep : DecisionKind::give_back,
                     reason + (kept ? ": kept" : ": given back"));
    }
  }
  if (!may_grow(sample)) {
    begin_holding();
    note_held(ln_rate);
    return decided(writer_limits(sample) ? DecisionKind::freeze : DecisionKind::hold,
                   reason + (depth_ >= bystander_.ceiling() ? ": no more is allowed"
                                                            : ": what comes after the network is the limit"));
  }
  const bool in_proportion =
      doubled_ln_rate_ && ln_rate - *doubled_ln_rate_ > kProportion * std::log(1.0 * before / doubled_from_);
  doubled_ln_rate_ = ln_rate;
  doubled_from_ = before;
  move_to(std::min(bystander_.ceiling(), (in_proportion ? 4 : 2) * before));
  return decided(DecisionKind::double_depth, reason + fmt::format(": on to {}", depth_));
}

bool DepthController::may_grow(const DepthSample& sample) const {
  return depth_ < bystander_.ceiling() && !writer_limits(sample) && !decoding_limits(sample) &&
         sample.slots_in_use_mean >= kFilled * depth_ && worth_a_move(sample, 2 * depth_);
}

// True: the goodput has found another level.
bool DepthController::note_held(double ln_rate) {
  if (held_.windows > 0) {
    noise_.add_difference(ln_rate - held_.ln_rate_last);
    const double off = std::abs(ln_rate - held_.ln_rate_mean()) / std::max(kSurprise, 4 * noise_.sigma());
    surprises_ = off > 2 ? kSurprises : off > 1 ? surprises_ + 1 : 0;
    if (surprises_ >= kSurprises) return true;
  }
  held_.ln_rate_sum += ln_rate;
  held_.ln_rate_last = ln_rate;
  ++held_.windows;
  return false;
}

DepthDecision DepthController::hold(double ln_rate, const DepthSample& sample) {
  if (note_held(ln_rate)) return start_again(ln_rate, sample);
  debt_ = std::max(Nanoseconds(0), debt_ - from_seconds(kTrialCostShare * to_seconds(sample.window)));
  const bool more = may_grow(sample) && held_.windows >= more_.wait;
  const bool less =
      depth_ > 1 && worth_a_move(sample, depth_) && held_.windows >= less_.wait && debt_ == Nanoseconds(0);
  if (less && (less_next_ || !more)) return begin_trial(smaller(depth_));
  if (more) return begin_trial(larger(depth_, bystander_.ceiling()));
  if (writer_limits(sample))
    return decided(DecisionKind::freeze,
                   fmt::format("the writer is the limit ({:.0f} % busy)", 100 * sample.writer_busy_share));
  return decided(DecisionKind::hold, fmt::format("depth {} held", depth_));
}

// What was learnt of the neighbours no longer holds.
DepthDecision DepthController::start_again(double ln_rate, const DepthSample& sample) {
  const std::string reason =
      fmt::format("{:+.0f} % at the same depth", percent(ln_rate - held_.ln_rate_mean()));
  begin_holding();
  more_.wait = less_.wait = 1;
  note_held(ln_rate);
  if (!may_grow(sample)) return decided(DecisionKind::hold, reason);
  phase_ = Phase::doubling;
  doubled_ln_rate_ = ln_rate;
  doubled_from_ = depth_;
  move_to(std::min(bystander_.ceiling(), 2 * depth_));
  return decided(DecisionKind::double_depth, fmt::format("{}: on to {}", reason, depth_));
}

DepthDecision DepthController::begin_trial(int tried) {
  trial_.emplace(depth_, tried, held_.ln_rate_last, noise_);
  passed_over_ = 0;
  phase_ = Phase::trying;
  move_to(tried);
  return decided(trial_->upward() ? DecisionKind::try_more : DecisionKind::try_less,
                 fmt::format("trying {} instead of {}", tried, trial_->held()));
}

DepthDecision DepthController::go_on_trying(double ln_rate, Nanoseconds window) {
  const TrialVerdict verdict = trial_->add(ln_rate, window + settled_time_);
  settled_time_ = Nanoseconds(0);
  noise_ = trial_->noise();
  if (verdict != TrialVerdict::undecided) return end_trial(verdict, {});
  if (trial_->depth() != depth_) move_to(trial_->depth());
  return decided(trial_->upward() ? DecisionKind::try_more : DecisionKind::try_less,
                 fmt::format("{:+.1f} % ± {:.1f} % from depth {} to {} so far", percent(trial_->difference()),
                             100 * trial_->standard_error(), trial_->held(), trial_->tried()));
}

DepthDecision DepthController::end_trial(TrialVerdict verdict, const std::string& cause) {
  const DepthTrial trial = *trial_;
  const bool kept = verdict == TrialVerdict::keep;
  Patience& same = trial.upward() ? more_ : less_;
  Patience& other = trial.upward() ? less_ : more_;
  if (kept) {
    same.wait = 1;
    other.wait = kWaitKept;  // it is where we come from
  } else {
    same.failed();
  }
  less_next_ = kept ? !trial.upward() : trial.upward();
  debt_ += trial.lost();
  begin_holding();
  const int depth = kept ? trial.tried() : trial.held();
  if (depth != depth_) move_to(depth);
  const std::string why = cause.empty()
                              ? fmt::format("{:+.1f} % from depth {} to {}", percent(trial.difference()),
                                            trial.held(), trial.tried())
                              : cause;
  return decided(kept ? DecisionKind::keep : DecisionKind::give_back,
                 why + (kept ? ": kept" : ": given back"));
}

}  // namespace depthfinder
