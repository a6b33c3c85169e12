// SPDX-License-Identifier: MIT
#include "restore_core/hash/kernel_choice.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

struct Step {
  double total_ns = 0;  // per byte of length, for this and all later steps
  std::size_t kernel = 0;
};

// The best step where the steps for fewer messages are known: least[n] is for n messages.
Step best_step(std::span<const LaneKernel> kernels, const std::vector<Step>& least) {
  const auto messages = static_cast<int>(least.size());
  Step best = {std::numeric_limits<double>::infinity(), 0};
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const LaneKernel& kernel = kernels[i];
    const auto left = static_cast<std::size_t>(messages - std::min(messages, kernel.lanes));
    const double total_ns = kernel.ns_per_byte * kernel.lanes + least[left].total_ns;
    const bool wider = kernel.lanes > kernels[best.kernel].lanes;
    if (total_ns < best.total_ns || (total_ns == best.total_ns && wider)) best = {total_ns, i};
  }
  return best;
}

}  // namespace

std::size_t choose_kernel(std::span<const LaneKernel> kernels, int messages) {
  DF_CHECK(!kernels.empty() && messages > 0);
  // With more messages than twice the widest kernel takes, the cheapest kernel is full whatever comes after it.
  if (messages > 2 * kLanesMax) return cheapest_kernel(kernels);
  std::vector<Step> least = {Step{}};
  while (least.size() <= static_cast<std::size_t>(messages)) least.push_back(best_step(kernels, least));
  return least.back().kernel;
}

std::size_t cheapest_kernel(std::span<const LaneKernel> kernels) {
  const auto cheapest = std::min_element(
      kernels.begin(), kernels.end(),
      [](const auto& left, const auto& right) { return left.ns_per_byte < right.ns_per_byte; });
  return static_cast<std::size_t>(cheapest - kernels.begin());
}

}  // namespace depthfinder
