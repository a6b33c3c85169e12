// SPDX-License-Identifier: MIT
#include "mock_server/model/chunk_cache.h"

namespace depthfinder::mock {

bool ChunkCache::hit(const Digest& digest, std::uint64_t bytes, double draw) {
  return spec_.size_bytes > 0 ? hit_by_use(digest, bytes) : draw < spec_.hit_share;
}

bool ChunkCache::hit_by_use(const Digest& digest, std::uint64_t bytes) {
  if (const auto found = entries_.find(digest); found != entries_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return true;
  }
  warming_ = warming_ && bytes <= spec_.size_bytes - used_bytes_;
  insert(digest, bytes);
  return warming_;
}

void ChunkCache::insert(const Digest& digest, std::uint64_t bytes) {
  if (bytes > spec_.size_bytes) return;
  while (used_bytes_ > spec_.size_bytes - bytes) {
    used_bytes_ -= order_.back().bytes;
    entries_.erase(order_.back().digest);
    order_.pop_back();
  }
  order_.push_front({digest, bytes});
  entries_[digest] = order_.begin();
  used_bytes_ += bytes;
}

}  // namespace depthfinder::mock
