// SPDX-License-Identifier: MIT
// LatencyHistogram: durations in logarithmic buckets less than 1 % wide, so that quantiles of any number of requests
// take fixed memory. Mean and maximum are exact. Not thread-safe: its owner locks.
#pragma once

#include <cstdint>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder::mock {

class LatencyHistogram {
 public:
  LatencyHistogram();

  // Negative durations count as 0; those over an hour land in the last bucket.
  void add(Nanoseconds duration);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] Nanoseconds mean() const;  // 0 when empty
  [[nodiscard]] Nanoseconds max() const { return max_; }
  // `share` in [0, 1]: the middle of the bucket that holds that rank; 0 when empty.
  [[nodiscard]] Nanoseconds quantile(double share) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ns_ = 0;
  Nanoseconds max_{0};
};

}  // namespace depthfinder::mock
