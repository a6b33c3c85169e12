// SPDX-License-Identifier: MIT
#include "restore_core/client/chunk_router.h"

#include <algorithm>

#include "restore_core/base/check.h"

namespace depthfinder {

ChunkRouter::ChunkRouter(std::vector<ChunkSource*> sources)
    : sources_(std::move(sources)), outstanding_(sources_.size(), 0) {
  DF_CHECK(!sources_.empty());
}

void ChunkRouter::fetch(const Digest& digest, ChunkRoom room, Done done) {
  const std::size_t lane = take_least_loaded();
  sources_[lane]->fetch(digest, std::move(room),
                        [this, lane, done = std::move(done)](Result<std::size_t> length) {
                          give_back(lane);
                          done(std::move(length));
                        });
}

void ChunkRouter::cancel() {
  for (ChunkSource* source : sources_) source->cancel();
}

TransportStats ChunkRouter::stats() const {
  TransportStats sum;
  for (const ChunkSource* source : sources_) {
    const TransportStats one = source->stats();
    sum.receive_busy += one.receive_busy;
    sum.receive_wait += one.receive_wait;
    sum.wire_bytes += one.wire_bytes;
    sum.requests += one.requests;
    sum.retries += one.retries;
    sum.copied_bytes += one.copied_bytes;
  }
  return sum;
}

std::size_t ChunkRouter::take_least_loaded() {
  MutexLock lock(mutex_);
  const auto least = std::min_element(outstanding_.begin(), outstanding_.end());
  ++*least;
  return static_cast<std::size_t>(least - outstanding_.begin());
}

void ChunkRouter::give_back(std::size_t lane) {
  MutexLock lock(mutex_);
  --outstanding_[lane];
}

}  // namespace depthfinder
