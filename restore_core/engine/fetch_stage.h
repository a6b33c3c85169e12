// SPDX-License-Identifier: MIT
// FetchStage: asks the chunk source for what a slot needs and knows what is outstanding. The consumer starts fetches;
// they end on a transport thread, or on the thread that waits for them. It decides neither when nor what.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/slot_pool.h"

namespace depthfinder {

using SlotHandler = std::function<void(Slot&)>;

class FetchStage {
 public:
  FetchStage(const std::vector<ImageTarget>& images, ChunkSource& source, const Clock& clock)
      : images_(images), source_(source), clock_(clock) {}

  // `arrived` is called on a transport thread once the blob, or an error, is in the slot, and must not block; it
  // outlives the fetch.
  void start(Slot& slot, const SlotHandler& arrived);

  // The same, on the calling thread.
  void fetch_and_wait(Slot& slot);

  // Fetches of start() whose blob has not arrived. Falls before `arrived` is called.
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

  // Returns when nothing that start() began is outstanding.
  void wait_until_idle();

 private:
  const std::vector<ImageTarget>& images_;
  ChunkSource& source_;
  const Clock& clock_;
  std::atomic<std::size_t> in_flight_{0};
  Mutex mutex_;
  ConditionVariable changed_;
  int outstanding_ DF_GUARDED_BY(mutex_) = 0;
};

}  // namespace depthfinder
