// SPDX-License-Identifier: MIT
// ChunkCache: which requests find their chunk in the cache in front of storage: a share of them by the request's own
// draw, or, with a size, those whose chunk was used most recently. It holds digests and sizes, no content, and takes a
// chunk in at its request, not when it has been read. Its owner locks.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

#include "restore_core/base/digest.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

class ChunkCache {
 public:
  explicit ChunkCache(const CacheSpec& spec) : spec_(spec), warming_(spec.warm) {}

  // `draw` in [0, 1) decides when the cache is one by share. With a size a miss takes the chunk in.
  [[nodiscard]] bool hit(const Digest& digest, std::uint64_t bytes, double draw);

 private:
  struct Entry {
    Digest digest;
    std::uint64_t bytes;
  };

  [[nodiscard]] bool hit_by_use(const Digest& digest, std::uint64_t bytes);
  void insert(const Digest& digest, std::uint64_t bytes);

  const CacheSpec spec_;
  bool warming_;            // what has been asked for so far fits, so it counts as present beforehand
  std::list<Entry> order_;  // the most recently used in front
  std::unordered_map<Digest, std::list<Entry>::iterator, DigestHash> entries_;
  std::uint64_t used_bytes_ = 0;
};

}  // namespace depthfinder::mock
