// SPDX-License-Identifier: MIT
#include "restore_core/base/secret.h"

#include <algorithm>
#include <new>

#include <string.h>  // explicit_bzero
#include <sys/mman.h>

namespace depthfinder {

void* map_secret_memory(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Both are additional: a kernel that refuses still keeps the secret.
  static_cast<void>(::madvise(memory, bytes, MADV_DONTDUMP));
  static_cast<void>(::mlock(memory, bytes));
  return memory;
}

void cleanse_and_unmap(void* memory, std::size_t bytes) noexcept {
  cleanse(memory, bytes);
  ::munmap(memory, bytes);  // ends the lock too
}

void cleanse(void* memory, std::size_t bytes) noexcept { ::explicit_bzero(memory, bytes); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) Secret(other).swap(*this);
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    clear();
    swap(other);
  }
  return *this;
}

// The text may be part of this one, so the old memory goes last.
void Secret::append(std::string_view text) {
  const std::size_t before = size(), after = before + text.size();
  if (bytes_.capacity() <= after) {
    Secret longer;
    longer.bytes_.reserve(std::max(2 * bytes_.capacity(), after + 1));
    longer.bytes_.assign(c_str(), c_str() + before);
    longer.bytes_.insert(longer.bytes_.end(), text.begin(), text.end());
    longer.bytes_.push_back('\0');
    swap(longer);
    return;
  }
  bytes_.resize(after + 1);
  std::copy(text.begin(), text.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(before));
  bytes_[after] = '\0';
}

void Secret::reserve(std::size_t bytes) { bytes_.reserve(bytes + 1); }

void Secret::resize(std::size_t bytes) {
  if (bytes < size()) cleanse(bytes_.data() + bytes, size() - bytes);
  bytes_.resize(bytes + 1);
  bytes_[bytes] = '\0';
}

}  // namespace depthfinder
