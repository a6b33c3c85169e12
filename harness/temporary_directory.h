// SPDX-License-Identifier: MIT
// TemporaryDirectory: a private directory below TMPDIR, removed with all that is in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "restore_core/base/file.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> make() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "depthfinder-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr)
      return pass_on(errno_error("make a temporary directory like", path, error ? error.value() : errno));
    return TemporaryDirectory(path);
  }
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace depthfinder
