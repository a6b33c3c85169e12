// SPDX-License-Identifier: MIT
#include "restore_core/engine/thread_law.h"

#include <algorithm>

namespace depthfinder {

namespace {
constexpr double kBusy = 0.85;
constexpr double kStillIdle = 0.65;
constexpr double kWaiting = 0.5;  // blobs, on average
}  // namespace

int wanted_threads(const DecodeLoad& load, bool fast) {
  if (load.busy_share > kBusy && load.blobs_waiting_mean >= kWaiting)
    return std::max(load.threads, std::min(load.threads_max, fast ? 2 * load.threads : load.threads + 1));
  const double work = load.busy_share * load.threads;
  if (load.threads > 1 && work / (load.threads - 1) < kStillIdle) return load.threads - 1;
  return load.threads;
}

}  // namespace depthfinder
