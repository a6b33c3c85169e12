// SPDX-License-Identifier: MIT
#include "restore_core/engine/chunk_buffer.h"

#include <new>
#include <utility>

#include <sys/mman.h>

#include "restore_core/base/check.h"

namespace depthfinder {

BufferPool::BufferPool(std::size_t count, std::size_t buffer_bytes)
    : count_(count),
      buffer_bytes_(buffer_bytes),
      stride_bytes_((buffer_bytes + kPageBytes - 1) / kPageBytes * kPageBytes) {
  free_.reserve(count);
  void* const memory = ::mmap(nullptr, count_ * stride_bytes_, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, count_ * stride_bytes_, MADV_HUGEPAGE);  // a wish: small pages do as well
  begin_ = static_cast<std::uint8_t*>(memory);
}

BufferPool::~BufferPool() { ::munmap(begin_, count_ * stride_bytes_); }

MutableByteSpan BufferPool::lend() {
  MutexLock lock(mutex_);
  if (free_.empty()) {
    DF_CHECK(touched_ < count_);
    return {begin_ + touched_++ * stride_bytes_, buffer_bytes_};
  }
  std::uint8_t* const begin = free_.back();
  free_.pop_back();
  return {begin, buffer_bytes_};
}

void BufferPool::give_back(MutableByteSpan buffer) {
  MutexLock lock(mutex_);
  free_.push_back(buffer.data());
}

std::uint64_t BufferPool::touched_bytes() {
  MutexLock lock(mutex_);
  return touched_ * buffer_bytes_;
}

MutableByteSpan ChunkBuffer::get() {
  if (pool_ == nullptr) {
    if (!heap_) heap_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_bytes_);
    return {heap_.get(), capacity_bytes_};
  }
  if (lent_.empty()) lent_ = pool_->lend();
  return lent_.subspan(offset_bytes_, capacity_bytes_);
}

void ChunkBuffer::recycle() {
  heap_.reset();
  if (!lent_.empty()) pool_->give_back(std::exchange(lent_, {}));
}

}  // namespace depthfinder
