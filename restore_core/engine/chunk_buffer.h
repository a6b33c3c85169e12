// SPDX-License-Identifier: MIT
// BufferPool: memory for so many chunks, all of one size, lent and given back by any thread. ChunkBuffer: the memory of
// one chunk at one stage, there from when it is first asked for until the stage is done with it; of a pool, or of the
// heap. Whoever holds the slot may touch it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/mutex.h"

namespace depthfinder {

inline constexpr std::size_t kPageBytes = 4096;  // buffers begin on one

// One piece of address space, backed by memory page by page as it is touched (huge pages where the system has them, so
// that a first touch costs little), given back at the end. What was given back last is lent first: it is warm.
class BufferPool {
 public:
  // Throws std::bad_alloc where the system has no such address space left.
  BufferPool(std::size_t count, std::size_t buffer_bytes);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // Of the size asked for, not cleared. Lending more than there are is a programmer's mistake.
  MutableByteSpan lend();
  void give_back(MutableByteSpan buffer);

  // Of the buffers that were ever lent.
  [[nodiscard]] std::uint64_t touched_bytes();

 private:
  std::size_t count_;
  std::size_t buffer_bytes_;
  std::size_t stride_bytes_;
  std::uint8_t* begin_ = nullptr;
  Mutex mutex_;
  std::vector<std::uint8_t*> free_ DF_GUARDED_BY(mutex_);
  std::size_t touched_ DF_GUARDED_BY(mutex_) = 0;
};

class ChunkBuffer {
 public:
  // `capacity_bytes` from `offset_bytes` on within a buffer of the pool, which outlives this; or of the heap where there
  // is no pool.
  ChunkBuffer(BufferPool* pool, std::size_t offset_bytes, std::size_t capacity_bytes)
      : pool_(pool), offset_bytes_(offset_bytes), capacity_bytes_(capacity_bytes) {}

  // Throws std::bad_alloc. Not cleared, so that memory which a short chunk never touches is never made resident.
  MutableByteSpan get();

  [[nodiscard]] bool pooled() const { return pool_ != nullptr; }
  [[nodiscard]] std::size_t capacity_bytes() const { return capacity_bytes_; }

  // What is in it is no longer needed.
  void recycle();

 private:
  BufferPool* pool_;
  std::size_t offset_bytes_;
  std::size_t capacity_bytes_;
  MutableByteSpan lent_;
  std::unique_ptr<std::uint8_t[]> heap_;
};

}  // namespace depthfinder
