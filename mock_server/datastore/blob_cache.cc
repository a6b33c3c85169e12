// SPDX-License-Identifier: MIT
#include "mock_server/datastore/blob_cache.h"

namespace depthfinder::mock {

SharedBlob BlobCache::find(const Digest& digest) {
  MutexLock lock(mutex_);
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? nullptr : found->second;
}

void BlobCache::insert(const Digest& digest, SharedBlob blob) {
  const std::uint64_t size = blob->size();
  MutexLock lock(mutex_);
  if (bytes_ + size > bytes_max_) return;
  if (by_digest_.emplace(digest, std::move(blob)).second) bytes_ += size;
}

std::uint64_t BlobCache::bytes() {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace depthfinder::mock
