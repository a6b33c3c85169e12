// SPDX-License-Identifier: MIT
#include "restore_core/engine/chunk_buffer.h"

#include <new>

#include <sys/mman.h>

namespace depthfinder {

BufferArena::BufferArena(std::size_t bytes) : bytes_(bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: small pages do as well
  begin_ = static_cast<std::uint8_t*>(memory);
}

BufferArena::~BufferArena() { ::munmap(begin_, bytes_); }

}  // namespace depthfinder
