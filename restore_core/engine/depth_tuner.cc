// SPDX-License-Identifier: MIT
#include "restore_core/engine/depth_tuner.h"

#include <algorithm>

namespace depthfinder {
namespace {

double share(Nanoseconds part, Nanoseconds window, int threads) {
  return std::clamp(to_seconds(part) / (to_seconds(window) * threads), 0.0, 1.0);
}

}  // namespace

void DepthTuner::begin(TimePoint now, const StageTotals& totals) {
  begin_ = window_begin_ = now;
  before_ = totals;
}

bool DepthTuner::chunk_done(std::uint64_t image_bytes, TimePoint now,
                            const std::function<StageTotals()>& totals) {
  ++completions_;
  bytes_ += image_bytes;
  if (!controller_.window_complete(completions_, now - window_begin_)) return false;
  const StageTotals sums = totals();
  const DepthSample measured = sample(now, sums);
  DepthDecision decision = controller_.decide(measured);
  trace_.push_back({measured.time, decision.depth, decision.threads,
                    static_cast<double>(bytes_) / to_seconds(measured.window), decision_name(decision.kind),
                    std::move(decision.reason)});
  window_begin_ = now;
  before_ = sums;
  completions_ = 0;
  bytes_ = 0;
  return true;
}

// Means over the window are sums of durations by its length (Little's law).
DepthSample DepthTuner::sample(TimePoint now, const StageTotals& totals) const {
  DepthSample sample;
  sample.time = now - begin_;
  sample.window = std::max(now - window_begin_, Nanoseconds(1));
  const double window_s = to_seconds(sample.window);
  sample.completions = completions_;
  sample.goodput_bytes = bytes_;
  sample.errors = static_cast<int>(totals.errors - before_.errors);
  sample.writer_busy_share = share(totals.write.busy - before_.write.busy, sample.window, writers_);
  sample.decode_busy_share =
      share(totals.decode.busy - before_.decode.busy, sample.window, controller_.threads());
  sample.blobs_waiting_mean = to_seconds(totals.decode.waited - before_.decode.waited) / window_s;
  sample.ready_waiting_mean = to_seconds(totals.write.waited - before_.write.waited) / window_s;
  sample.slots_in_use_mean = to_seconds(totals.depth_time - before_.depth_time) / window_s;
  sample.chunks_left = totals.chunks_left;
  if (bystander_) {
    sample.bystander_ratio = bystander_->ratio();
    sample.bystander_budget = bystander_->budget;
  }
  return sample;
}

}  // namespace depthfinder
