// SPDX-License-Identifier: MIT
// BlobCache: encoded chunks by digest, those that came first, up to a number of bytes. Nothing is dropped: restores read
// an image in order, again and again, and dropping the least recently used one would keep just what is not asked for
// next. Thread-safe.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "mock_server/datastore/datastore.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

class BlobCache {
 public:
  // 0 bytes: keeps nothing.
  explicit BlobCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Null when it is not there.
  [[nodiscard]] SharedBlob find(const Digest& digest);
  // A blob that is there already stays; one that there is no room for is not kept.
  void insert(const Digest& digest, SharedBlob blob);
  [[nodiscard]] std::uint64_t bytes();

 private:
  const std::uint64_t bytes_max_;
  Mutex mutex_;
  std::unordered_map<Digest, SharedBlob, DigestHash> by_digest_ DF_GUARDED_BY(mutex_);
  std::uint64_t bytes_ DF_GUARDED_BY(mutex_) = 0;
};

}  // namespace depthfinder::mock
