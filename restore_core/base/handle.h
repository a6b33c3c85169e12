// SPDX-License-Identifier: MIT
// RAII for C handles: Handle<T, free_function> is a unique_ptr over one named deleter, UniqueFd a file
// descriptor, open_file() one of those from a path.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

namespace depthfinder {

template <auto FreeFunction>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const {
    FreeFunction(pointer);
  }
};

template <typename T, auto FreeFunction>
using Handle = std::unique_ptr<T, FreeWith<FreeFunction>>;

// Owns one file descriptor; -1 is none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// ::open(), not inherited, and tried again where a signal came between. Nothing and errno where it fails.
UniqueFd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0);

}  // namespace depthfinder
