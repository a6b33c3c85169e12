// SPDX-License-Identifier: MIT
// DepthTuner: measures the windows of a running restore for the DepthController, which decides, and keeps the trace of
// its decisions. The consumer owns and calls it; it changes nothing itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/engine/decode_stage.h"
#include "restore_core/engine/depth_controller.h"

namespace depthfinder {

// One decision, as results keep it.
struct DepthTracePoint {
  Nanoseconds time{0};  // since the restore's start
  int depth = 0;        // decided
  int threads = 0;
  double goodput_bytes_per_s = 0;  // of the window before it
  std::string_view decision;
  std::string reason;
};

// What beside the restore got slower by, measured by someone else; nothing where it is not known yet.
struct BystanderGauge {
  std::function<std::optional<double>()> ratio;
  double budget = 0;
};

// Sums since the restore's start; a window is the difference of two.
struct StageTotals {
  StageWork decode;
  StageWork write;
  Nanoseconds depth_time{0};               // the depth used, times how long
  std::uint64_t errors = 0;                // fetches that were tried again
  std::uint64_t chunks_left = UINT64_MAX;  // not yet requested; no sum
};

class DepthTuner {
 public:
  // `writers`: threads that write, at least 1.
  DepthTuner(const DepthLimits& limits, int writers, std::optional<BystanderGauge> bystander)
      : controller_(limits), writers_(writers), bystander_(std::move(bystander)) {}

  [[nodiscard]] int depth() const { return controller_.depth(); }
  [[nodiscard]] int threads() const { return controller_.threads(); }

  // The first window begins.
  void begin(TimePoint now, const StageTotals& totals);
  // A fetched chunk has been written. True when depth() or threads() may have changed.
  bool chunk_done(std::uint64_t image_bytes, TimePoint now, const std::function<StageTotals()>& totals);

  std::vector<DepthTracePoint> take_trace() { return std::move(trace_); }

 private:
  [[nodiscard]] DepthSample sample(TimePoint now, const StageTotals& totals) const;

  DepthController controller_;
  int writers_;
  std::optional<BystanderGauge> bystander_;
  TimePoint begin_, window_begin_;
  StageTotals before_;
  int completions_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<DepthTracePoint> trace_;
};

}  // namespace depthfinder
