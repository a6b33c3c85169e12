// SPDX-License-Identifier: MIT
#include "restore_core/engine/restore_tally.h"

#include <algorithm>

namespace depthfinder {

RestoreTally::RestoreTally(const std::vector<ImageTarget>& images) {
  for (const ImageTarget& image : images) {
    stats_.images.push_back({image.job.index.image_bytes, 0});
    progress_.chunks_total += image.job.index.chunk_count();
    progress_.bytes_total += image.job.index.image_bytes;
  }
  stats_.logical_bytes = progress_.bytes_total;
}

void RestoreTally::begin(TimePoint now, const TransportStats& transport) {
  begin_ = now;
  transport_before_ = transport;
  begin_fetching(now);
}

void RestoreTally::begin_fetching(TimePoint now) {
  fetching_since_ = now;
  for (LevelMeter* meter : {&slots_used_, &depth_used_, &depth_permitted_, &threads_permitted_})
    meter->begin(now, 0);
}

void RestoreTally::reused(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes,
                          std::uint64_t zero_bytes, TimePoint now) {
  written(image, chunks, bytes - zero_bytes, false, now);
  written(image, 0, zero_bytes, true, now);
  stats_.reused_bytes += bytes;
}

void RestoreTally::fetched(Slot& slot) {
  slot.fetch_uncounted = false;
  const Nanoseconds latency = slot.arrived_at - slot.requested_at;
  fetch_time_ += latency;
  if (!slot.payload) return;
  stats_.chunk_latency.push_back(latency);
  stats_.payload_bytes += slot.payload->size();
  stats_.compressed_bytes += slot.compressed_bytes;
  if (slot.compressed_bytes > 0) stats_.decompressed_bytes += slot.payload->size();
}

void RestoreTally::written(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes, bool zero,
                           TimePoint now) {
  progress_.chunks_done += chunks;
  progress_.bytes_done += bytes;
  progress_.elapsed = now - begin_;
  if (!zero) return;
  progress_.zero_bytes += bytes;
  stats_.images[image].zero_bytes += bytes;
}

void RestoreTally::permitted(TimePoint now, int depth, int threads) {
  depth_permitted_.set(now, depth);
  threads_permitted_.set(now, threads);
}

void RestoreTally::wrote_here(Nanoseconds busy, Nanoseconds waited) {
  stats_.stages.write.busy += busy;
  stats_.stages.write.wait += waited;
}

RestoreStats RestoreTally::finish(const TransportStats& transport, TimePoint last_write, TimePoint now) {
  const TransportStats& before = transport_before_;
  stats_.zero_bytes = progress_.zero_bytes;
  stats_.wire_bytes = transport.wire_bytes - before.wire_bytes;
  stats_.requests = transport.requests - before.requests;
  stats_.retries = transport.retries - before.retries + refetches_;
  stats_.duration = now - begin_;
  // The mean of what overlaps in time is the sum of its durations by the time it took (Little's law, exact
  // here).
  stats_.in_flight_mean = to_seconds(fetch_time_) / std::max(to_seconds(last_write - fetching_since_), 1e-9);
  stats_.slots_used_mean = slots_used_.mean(last_write);
  stats_.depth_mean = depth_permitted_.mean(last_write);
  stats_.threads_mean = threads_permitted_.mean(last_write);
  stats_.stages.receive.busy += transport.receive_busy - before.receive_busy;
  stats_.stages.receive.wait += transport.receive_wait - before.receive_wait;
  return std::move(stats_);
}

}  // namespace depthfinder
