// SPDX-License-Identifier: MIT
// ChunkBuffer: the memory of one chunk at one stage, there when it is first asked for: a piece of a pool's arena, or of
// the heap and given back after every chunk. Whoever holds the slot may touch it. BufferArena: the arena.
#pragma once

#include <cstdint>
#include <memory>

#include "restore_core/base/bytes.h"

namespace depthfinder {

// Address space in one piece, backed by memory page by page as it is touched (huge pages where the system has them, so
// that a first touch costs little), given back at the end. Not cleared, not bounded by itself.
class BufferArena {
 public:
  // Throws std::bad_alloc where the system has no such address space left.
  explicit BufferArena(std::size_t bytes);
  ~BufferArena();
  BufferArena(const BufferArena&) = delete;
  BufferArena& operator=(const BufferArena&) = delete;

  [[nodiscard]] MutableByteSpan bytes() const { return {begin_, bytes_}; }

 private:
  std::uint8_t* begin_ = nullptr;
  std::size_t bytes_;
};

class ChunkBuffer {
 public:
  // Of an arena that outlives it.
  explicit ChunkBuffer(MutableByteSpan pooled) : pooled_(pooled), capacity_bytes_(pooled.size()) {}
  // Of the heap.
  explicit ChunkBuffer(std::size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  // Throws std::bad_alloc. Not cleared, so that memory which a short chunk never touches is never made resident.
  MutableByteSpan get() {
    used_ = true;
    if (!pooled_.empty()) return pooled_;
    if (!heap_) heap_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_bytes_);
    return {heap_.get(), capacity_bytes_};
  }

  // The chunk is done: heap memory goes, pooled memory stays.
  void recycle() {
    heap_.reset();
    if (pooled_.empty()) used_ = false;
  }

  [[nodiscard]] std::size_t allocated_bytes() const { return used_ ? capacity_bytes_ : 0; }

 private:
  MutableByteSpan pooled_;
  std::size_t capacity_bytes_;
  std::unique_ptr<std::uint8_t[]> heap_;
  bool used_ = false;
};

}  // namespace depthfinder
