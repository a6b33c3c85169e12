// SPDX-License-Identifier: MIT
#include "restore_core/engine/hot_chunk_cache.h"

#include <algorithm>

namespace depthfinder {

std::vector<Digest> hot_digests(const std::vector<Digest>& digests, std::size_t count) {
  std::vector<Digest> sorted = digests;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::pair<std::size_t, Digest>> repeated;
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::upper_bound(begin, sorted.end(), *begin);
    if (end - begin > 1) repeated.emplace_back(static_cast<std::size_t>(end - begin), *begin);
    begin = end;
  }
  std::sort(repeated.begin(), repeated.end());
  std::vector<Digest> hot;
  for (std::size_t i = 0; i < std::min(count, repeated.size()); ++i) hot.push_back(repeated[i].second);
  return hot;
}

HotChunkCache::HotChunkCache(const std::vector<Digest>& wanted) {
  for (const Digest& digest : wanted) chunks_.emplace(digest, nullptr);
}

std::shared_ptr<const Bytes> HotChunkCache::find(const Digest& digest) {
  MutexLock lock(mutex_);
  const auto found = chunks_.find(digest);
  return found == chunks_.end() ? nullptr : found->second;
}

void HotChunkCache::offer(const Digest& digest, ByteSpan payload) {
  {
    MutexLock lock(mutex_);
    const auto found = chunks_.find(digest);
    if (found == chunks_.end() || found->second) return;
  }
  auto copy = std::make_shared<const Bytes>(payload.begin(), payload.end());
  MutexLock lock(mutex_);
  chunks_[digest] = std::move(copy);
}

}  // namespace depthfinder
