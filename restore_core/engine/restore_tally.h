// SPDX-License-Identifier: MIT
// RestoreTally: counts what a restore does while it does it, and makes its progress and its statistics. The consumer's
// alone; it changes nothing.
#pragma once

#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/level_meter.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/slot_pool.h"

namespace depthfinder {

class RestoreTally {
 public:
  explicit RestoreTally(const std::vector<ImageTarget>& images);

  void begin(TimePoint now, const TransportStats& transport);
  // What targets held has been looked at: from now on, the means over time are taken.
  void begin_fetching(TimePoint now);
  // Chunks that the image's target holds already, zeros among them.
  void reused(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes, std::uint64_t zero_bytes,
              TimePoint now);
  // The slot's fetch has ended; clears its mark.
  void fetched(Slot& slot);
  void refetched() { ++refetches_; }
  void coalesced() { ++stats_.coalesced; }
  void cache_hit() { ++stats_.cache_hits; }
  void written(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes, bool zero, TimePoint now);
  // Slots taken, and what of them counts for the depth.
  void used(TimePoint now, std::size_t slots, std::size_t depth) {
    slots_used_.set(now, static_cast<double>(slots));
    depth_used_.set(now, static_cast<double>(depth));
  }
  void permitted(TimePoint now, int depth, int threads);
  void wrote_here(Nanoseconds busy, Nanoseconds waited);

  [[nodiscard]] const ProgressSample& progress() const { return progress_; }
  [[nodiscard]] const StageClock& write_clock() const {
    return stats_.stages.write;
  }  // of the consumer's writes
  [[nodiscard]] std::uint64_t refetches() const { return refetches_; }
  // The depth used, times how long, since begin_fetching().
  [[nodiscard]] Nanoseconds depth_time(TimePoint now) const {
    return from_seconds(depth_used_.level_seconds(now));
  }

  // The statistics, but for what the stages say of themselves. `last_write` is before the sinks made it durable.
  RestoreStats finish(const TransportStats& transport, TimePoint last_write, TimePoint now);

 private:
  RestoreStats stats_;
  ProgressSample progress_;
  TransportStats transport_before_;
  TimePoint begin_, fetching_since_;
  LevelMeter slots_used_, depth_used_, depth_permitted_, threads_permitted_;
  std::uint64_t refetches_ = 0;
  Nanoseconds fetch_time_{0};  // summed over all fetches
};

}  // namespace depthfinder
