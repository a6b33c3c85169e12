// SPDX-License-Identifier: MIT
// Secret, SecretBytes: a password, a ticket, a key. Their memory is a mapping of its own that is left out of core
// dumps, is not swapped out where the system's limits permit that, and is cleansed before it is given back: when the value
// is destroyed, moved from, overwritten or grown. No operator compares or prints one, so that neither happens by accident.
// What is copied out of one (a std::string, a buffer of a library) is not protected any more. Plain values.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <vector>

#include "restore_core/base/bytes.h"

namespace depthfinder {

// At least one page; throws std::bad_alloc, as operator new does.
void* map_secret_memory(std::size_t bytes);
void cleanse_and_unmap(void* memory, std::size_t bytes) noexcept;

// For memory that is not a Secret's, such as a variable of the environment. Not optimised away.
void cleanse(void* memory, std::size_t bytes) noexcept;

template <typename T>
struct SecretAllocator {
  using value_type = T;
  SecretAllocator() = default;
  template <typename Other>
  SecretAllocator(const SecretAllocator<Other>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(map_secret_memory(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { cleanse_and_unmap(memory, count * sizeof(T)); }
  friend bool operator==(const SecretAllocator&, const SecretAllocator&) { return true; }
};

using SecretBytes = std::vector<std::uint8_t, SecretAllocator<std::uint8_t>>;

// Text. Followed by a NUL that is not counted, for C libraries.
class Secret {
 public:
  Secret() = default;
  template <std::convertible_to<std::string_view> Text>
  Secret(const Text& text) {  // implicit: it is always safe to make a secret of a text
    append(text);
  }
  Secret(const Secret& other) { append(other.text()); }
  Secret(Secret&& other) noexcept { swap(other); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() = default;

  void append(std::string_view text);
  void append(char character) { append(std::string_view(&character, 1)); }
  void reserve(std::size_t bytes);
  void resize(std::size_t bytes);
  void clear() { Secret().swap(*this); }

  [[nodiscard]] std::string_view text() const { return {c_str(), size()}; }
  [[nodiscard]] const char* c_str() const { return bytes_.empty() ? "" : bytes_.data(); }
  [[nodiscard]] char* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return bytes_.empty() ? 0 : bytes_.size() - 1; }
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  void swap(Secret& other) noexcept { bytes_.swap(other.bytes_); }

  std::vector<char, SecretAllocator<char>> bytes_;  // with the NUL; empty where there was never any text
};

}  // namespace depthfinder
