// SPDX-License-Identifier: MIT
// ImageReader: a disk image, as a file or block device, read in pieces. Holes of sparse files are not read
// but known to be zero. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>

#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

class ImageReader {
 public:
  // Errors: not_found, io; bad_input (empty, or neither file nor block device).
  static Result<ImageReader> open(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  // Fills `out` from `offset`. Error: io, also when the image ends early (it was truncated meanwhile).
  Result<void> read(std::uint64_t offset, MutableByteSpan out) const;

 private:
  ImageReader(UniqueFd fd, std::filesystem::path path, std::uint64_t size_bytes)
      : fd_(std::move(fd)), path_(std::move(path)), size_bytes_(size_bytes) {}
  [[nodiscard]] bool is_hole(std::uint64_t offset, std::uint64_t length) const;

  UniqueFd fd_;
  std::filesystem::path path_;
  std::uint64_t size_bytes_;
};

}  // namespace depthfinder::mock
