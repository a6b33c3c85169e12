// SPDX-License-Identifier: MIT
// SampleWindow: a bystander's newest samples, those of the last `span` and older ones until there are `samples_min`.
// Pure: time is what the reports say.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "harness/bystander/report_line.h"

namespace depthfinder {

class SampleWindow {
 public:
  SampleWindow(double span_s, std::size_t samples_min) : span_s_(span_s), samples_min_(samples_min) {}

  void add(const BystanderReport& report);
  [[nodiscard]] std::vector<double> samples_ms() const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  double span_s_;
  std::size_t samples_min_;
  std::size_t size_ = 0;
  std::deque<BystanderReport> reports_;
};

}  // namespace depthfinder
