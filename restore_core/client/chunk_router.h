// SPDX-License-Identifier: MIT
// ChunkRouter: several chunk sources as one; each request goes to the source with the fewest outstanding.
// Thread-safe; owns none of the sources, which must outlive it.
#pragma once

#include <vector>

#include "restore_core/base/mutex.h"
#include "restore_core/client/chunk_source.h"

namespace depthfinder {

class ChunkRouter final : public ChunkSource {
 public:
  explicit ChunkRouter(std::vector<ChunkSource*> sources);  // at least one

  void fetch(const Digest& digest, ChunkRoom room, Done done) override;
  void cancel() override;
  [[nodiscard]] TransportStats stats() const override;  // summed

 private:
  std::size_t take_least_loaded();
  void give_back(std::size_t lane);

  const std::vector<ChunkSource*> sources_;
  Mutex mutex_;
  std::vector<std::size_t> outstanding_ DF_GUARDED_BY(mutex_);
};

}  // namespace depthfinder
