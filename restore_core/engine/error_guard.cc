// SPDX-License-Identifier: MIT
#include "restore_core/engine/error_guard.h"

#include <algorithm>
#include <cmath>

#include "restore_core/base/check.h"

namespace depthfinder {

namespace {
constexpr double kFailuresMin = 0.9;  // one: what was in flight may have been a chunk less than the depth
constexpr double kDeviations = 3;     // of a Poisson count
constexpr double kFading = 0.95;      // per window
constexpr int kReviewWindows = 2;
constexpr double kHarm = 0.1;  // of ln(goodput)
constexpr double kSameShare = 0.8;
}  // namespace

bool ErrorGuard::alarming(const FetchCount& window) {
  const double usual = completions_ > 0 ? failures_ / completions_ * window.completions : 0;
  failures_ = kFading * failures_ + window.failures();
  completions_ = kFading * completions_ + window.completions;
  return window.failures() >= kFailuresMin && window.failures() > usual + kDeviations * std::sqrt(usual);
}

void ErrorGuard::begin_review(double ln_rate_before, double failures_per_chunk_before) {
  review_ = Review{.ln_rate_before = ln_rate_before, .failures_per_chunk_before = failures_per_chunk_before};
}

ErrorGuard::Finding ErrorGuard::review(const FetchCount& window, double ln_rate, double sigma) {
  DF_CHECK(reviewing());
  Review& review = *review_;
  review.ln_rate_sum += ln_rate;
  review.failures += window.failures();
  review.completions += window.completions;
  if (++review.windows < kReviewWindows) return Finding::pending;
  const double change = review.ln_rate_sum / review.windows - review.ln_rate_before;
  const bool same = review.failures >= kSameShare * review.failures_per_chunk_before * review.completions;
  review_.reset();
  if (change < -std::max(kHarm, 2 * sigma)) return Finding::harmed;
  return same ? Finding::same : Finding::helped;
}

}  // namespace depthfinder
