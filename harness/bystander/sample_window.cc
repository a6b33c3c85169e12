// SPDX-License-Identifier: MIT
#include "harness/bystander/sample_window.h"

namespace depthfinder {

void SampleWindow::add(const BystanderReport& report) {
  reports_.push_back(report);
  size_ += report.samples_ms.size();
  const double oldest_s = report.t_s - span_s_;
  while (reports_.front().t_s < oldest_s && size_ - reports_.front().samples_ms.size() >= samples_min_) {
    size_ -= reports_.front().samples_ms.size();
    reports_.pop_front();
  }
}

std::vector<double> SampleWindow::samples_ms() const {
  std::vector<double> all;
  all.reserve(size_);
  for (const BystanderReport& report : reports_)
    all.insert(all.end(), report.samples_ms.begin(), report.samples_ms.end());
  return all;
}

}  // namespace depthfinder
