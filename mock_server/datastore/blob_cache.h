// SPDX-License-Identifier: MIT
// BlobCache: encoded chunks by digest, the least recently used dropped beyond a number of bytes. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

#include "mock_server/datastore/datastore.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

class BlobCache {
 public:
  // 0 bytes: keeps nothing.
  explicit BlobCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Null when it is not there.
  [[nodiscard]] SharedBlob find(const Digest& digest);
  // A blob that is there already stays; one larger than the cache is not kept.
  void insert(const Digest& digest, SharedBlob blob);
  [[nodiscard]] std::uint64_t bytes();

 private:
  using Item = std::pair<Digest, SharedBlob>;

  const std::uint64_t bytes_max_;
  Mutex mutex_;
  std::list<Item> items_ DF_GUARDED_BY(mutex_);  // most recently used first
  std::unordered_map<Digest, std::list<Item>::iterator, DigestHash> by_digest_ DF_GUARDED_BY(mutex_);
  std::uint64_t bytes_ DF_GUARDED_BY(mutex_) = 0;
};

}  // namespace depthfinder::mock
