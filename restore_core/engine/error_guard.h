// SPDX-License-Identifier: MIT
// ErrorGuard: when errors call for half the depth, and whether that helped. Some errors come with too many requests,
// others come anyway (a path that drops connections): only the first kind goes away with fewer in flight. A value of
// DepthController's, without clock or randomness.
#pragma once

#include <optional>

namespace depthfinder {

// Of one window. A connection that is lost takes along what it had in flight, and all of that is fetched again: so many
// errors are one failure, and errors are counted in units of the depth.
struct FetchCount {
  int completions = 0;
  int errors = 0;
  int depth = 1;
  [[nodiscard]] double failures() const { return static_cast<double>(errors) / depth; }
  // What it lost to a failure says nothing of the depth: its rate is not compared with others.
  [[nodiscard]] bool lossy() const { return failures() >= 0.5; }
  [[nodiscard]] double failures_per_chunk() const { return failures() / (completions > 0 ? completions : 1); }
};

class ErrorGuard {
 public:
  // Adds a window at any depth. True: a failure, or several, and more than what is usual explains by chance; or most
  // windows are lossy: then a window holds so many chunks, or a failure takes so many along, that less is better.
  bool alarming(const FetchCount& window);

  // The depth was halved for errors; `ln_rate_before` is what the depth before reached.
  void begin_review(std::optional<double> ln_rate_before, double failures_per_chunk_before);
  [[nodiscard]] bool reviewing() const { return review_.has_value(); }

  enum class Finding {
    pending,
    helped,  // fewer errors, and no great loss of goodput
    same,    // as many errors as before: half is not enough
    harmed   // goodput fell: the errors are not the depth's
  };
  // Adds a window at half the depth, while reviewing(); any finding but pending ends the review.
  Finding review(const FetchCount& window, double ln_rate);
  // Over all windows of the review that ended last: what the next one compares with.
  [[nodiscard]] double reviewed_failures_per_chunk() const { return reviewed_failures_per_chunk_; }

 private:
  struct Review {
    std::optional<double> ln_rate_before;
    double failures_per_chunk_before = 0;
    double ln_rate_sum = 0;
    int clean_windows = 0;
    int windows = 0;
    double failures = 0;
    double completions = 0;
  };

  // Of the windows so far, the older ones fading.
  double failures_ = 0;
  double completions_ = 0;
  double lossy_share_ = 0;
  std::optional<Review> review_;
  double reviewed_failures_per_chunk_ = 0;
};

}  // namespace depthfinder
