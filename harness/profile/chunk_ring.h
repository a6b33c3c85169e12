// SPDX-License-Identifier: MIT
// ChunkRing: chunk-sized pieces of memory, handed out in turn, so that the next one is always the one untouched for
// longest and no cache holds it any more: what a restore's buffers are like. Its pages are mapped and filled with
// random bytes when it is made. One thread uses it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class ChunkRing {
 public:
  // `chunks` of kProfileChunkBytes. Error: io (memory).
  static Result<ChunkRing> make(std::size_t chunks, std::uint64_t seed);
  ChunkRing(ChunkRing&& other) noexcept;
  ChunkRing& operator=(ChunkRing&&) = delete;
  ~ChunkRing();

  // Valid as long as the ring; handed out again after all others.
  MutableByteSpan take();

  // Reads through `bytes` of the chunks next in turn, so that caches lose what was written a moment ago.
  void read_through(std::uint64_t bytes) const;

  [[nodiscard]] std::uint64_t bytes() const;

 private:
  ChunkRing(std::uint8_t* memory, std::size_t chunks) : memory_(memory), chunks_(chunks) {}
  [[nodiscard]] MutableByteSpan chunk(std::size_t index) const;

  std::uint8_t* memory_;
  std::size_t chunks_;
  std::size_t next_ = 0;
};

// The largest cache that this host reports, in bytes; 0 where it reports none. Virtual machines may report the caches
// of the whole socket.
std::uint64_t reported_cache_bytes();

}  // namespace depthfinder
