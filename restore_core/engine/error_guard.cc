// SPDX-License-Identifier: MIT
#include "restore_core/engine/error_guard.h"

#include <algorithm>
#include <cmath>

#include "restore_core/base/check.h"

namespace depthfinder {

namespace {
constexpr double kFailuresMin = 0.9;  // one: what was in flight may have been a chunk less than the depth
constexpr double kDeviations = 3;     // of a Poisson count
constexpr double kRare = 0.02;        // failures per window
constexpr double kFading = 0.95;      // per window
constexpr double kLossyFading = 0.8;  // per window
constexpr double kLossyShare = 0.55;  // after four lossy windows in a row
constexpr int kReviewWindows = 2;
constexpr double kHarm = 0.1;  // of ln(goodput)
constexpr double kSameShare = 0.8;
}  // namespace

bool ErrorGuard::alarming(const FetchCount& window) {
  const double usual = completions_ > 0 ? failures_ / completions_ * window.completions : 0;
  failures_ = kFading * failures_ + window.failures();
  completions_ = kFading * completions_ + window.completions;
  lossy_share_ = kLossyFading * lossy_share_ + (window.lossy() ? 1 - kLossyFading : 0);
  if (lossy_share_ > kLossyShare) return window.lossy();
  const double chance = usual < kRare ? 0 : usual + kDeviations * std::sqrt(usual) + 1;
  return window.failures() >= std::max(kFailuresMin, chance);
}

void ErrorGuard::begin_review(std::optional<double> ln_rate_before, double failures_per_chunk_before) {
  lossy_share_ = 0;
  review_ = Review{.ln_rate_before = ln_rate_before, .failures_per_chunk_before = failures_per_chunk_before};
}

ErrorGuard::Finding ErrorGuard::review(const FetchCount& window, double ln_rate) {
  DF_CHECK(reviewing());
  Review& review = *review_;
  if (!window.lossy()) {
    review.ln_rate_sum += ln_rate;
    ++review.clean_windows;
  }
  review.failures += window.failures();
  review.completions += window.completions;
  if (++review.windows < kReviewWindows) return Finding::pending;
  reviewed_failures_per_chunk_ = review.failures / std::max(1.0, review.completions);
  const bool same = review.failures > 0 &&
                    review.failures >= kSameShare * review.failures_per_chunk_before * review.completions;
  const bool harmed = review.ln_rate_before && review.clean_windows > 0 &&
                      review.ln_rate_sum / review.clean_windows < *review.ln_rate_before - kHarm;
  review_.reset();
  if (harmed) return Finding::harmed;
  return same ? Finding::same : Finding::helped;
}

}  // namespace depthfinder
