// SPDX-License-Identifier: MIT
// HotChunkCache: decoded chunks kept for the next time, as the real client keeps them (pbs-protocol G.5): only the
// digests chosen beforehand, never given up, no memory of what is being fetched. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/mutex.h"

namespace depthfinder {

// Up to `count` of the digests that come more than once: the least repeated of them, as the real client chooses, and
// among equals the smaller digest. A pure function.
std::vector<Digest> hot_digests(const std::vector<Digest>& digests, std::size_t count);

class HotChunkCache {
 public:
  explicit HotChunkCache(const std::vector<Digest>& wanted);

  // Null when it is not there.
  std::shared_ptr<const Bytes> find(const Digest& digest);
  // Copies the payload when its digest is wanted and not there yet. Throws std::bad_alloc.
  void offer(const Digest& digest, ByteSpan payload);

 private:
  Mutex mutex_;
  // Wanted digests; null until their chunk came by.
  std::unordered_map<Digest, std::shared_ptr<const Bytes>, DigestHash> chunks_ DF_GUARDED_BY(mutex_);
};

}  // namespace depthfinder
