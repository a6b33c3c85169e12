// SPDX-License-Identifier: MIT
#include "harness/profile/chunk_ring.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/profile/profile.h"
#include "restore_core/base/check.h"
#include "restore_core/base/random.h"

namespace depthfinder {

Result<ChunkRing> ChunkRing::make(std::size_t chunks, std::uint64_t seed) {
  DF_CHECK(chunks > 0);
  const std::size_t bytes = chunks * kProfileChunkBytes;
  void* memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED)
    return fail(ErrorKind::io, "no {} MiB of memory for a profile: {}", bytes >> 20, std::strerror(errno));
  ChunkRing ring(static_cast<std::uint8_t*>(memory), chunks);
  Random random(seed);
  for (std::size_t offset = 0; offset < bytes; offset += sizeof(std::uint64_t)) {
    const std::uint64_t value = random.next();
    std::memcpy(ring.memory_ + offset, &value, sizeof value);
  }
  return ring;
}

ChunkRing::ChunkRing(ChunkRing&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), chunks_(other.chunks_), next_(other.next_) {}

ChunkRing::~ChunkRing() {
  if (memory_ != nullptr) ::munmap(memory_, chunks_ * kProfileChunkBytes);
}

MutableByteSpan ChunkRing::take() {
  const MutableByteSpan taken = chunk(next_);
  next_ = (next_ + 1) % chunks_;
  return taken;
}

void ChunkRing::read_through(std::uint64_t bytes) const {
  constexpr std::size_t kCacheLineBytes = 64;
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < std::min<std::uint64_t>(bytes / kProfileChunkBytes, chunks_); ++i) {
    const ByteSpan piece = chunk((next_ + i) % chunks_);
    for (std::size_t offset = 0; offset < piece.size(); offset += kCacheLineBytes)
      seen = static_cast<std::uint8_t>(seen | piece[offset]);
  }
  benchmark::DoNotOptimize(seen);
}

std::uint64_t ChunkRing::bytes() const { return chunks_ * kProfileChunkBytes; }

MutableByteSpan ChunkRing::chunk(std::size_t index) const {
  return {memory_ + index * kProfileChunkBytes, kProfileChunkBytes};
}

std::uint64_t reported_cache_bytes() {
  long most = 0;
  for (const int name : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE})
    most = std::max(most, ::sysconf(name));
  return static_cast<std::uint64_t>(most);
}

}  // namespace depthfinder
