// SPDX-License-Identifier: MIT
#include "restore_core/client/latency_sample.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace depthfinder {

std::vector<LatencySample> latency_samples(std::vector<RequestAttempt> attempts) {
  std::stable_sort(attempts.begin(), attempts.end(),
                   [](const RequestAttempt& a, const RequestAttempt& b) { return a.sent < b.sent; });
  std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>> ends;  // of those in flight
  std::vector<LatencySample> samples;
  for (const RequestAttempt& attempt : attempts) {
    while (!ends.empty() && ends.top() <= attempt.sent) ends.pop();
    ends.push(attempt.ended);
    if (attempt.answered)
      samples.push_back({attempt.sent, attempt.first_byte, attempt.ended, attempt.bytes, ends.size()});
  }
  return samples;
}

}  // namespace depthfinder
