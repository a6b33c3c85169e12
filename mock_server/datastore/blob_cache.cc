// SPDX-License-Identifier: MIT
#include "mock_server/datastore/blob_cache.h"

namespace depthfinder::mock {

SharedBlob BlobCache::find(const Digest& digest) {
  MutexLock lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->second;
}

void BlobCache::insert(const Digest& digest, SharedBlob blob) {
  const std::uint64_t size = blob->size();
  MutexLock lock(mutex_);
  if (size > bytes_max_ || by_digest_.count(digest) != 0) return;
  items_.emplace_front(digest, std::move(blob));
  by_digest_.emplace(digest, items_.begin());
  bytes_ += size;
  while (bytes_ > bytes_max_) {
    bytes_ -= items_.back().second->size();
    by_digest_.erase(items_.back().first);
    items_.pop_back();
  }
}

std::uint64_t BlobCache::bytes() {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace depthfinder::mock
