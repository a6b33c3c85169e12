// SPDX-License-Identifier: MIT
// TargetFile: an open file or device that is written and read at positions, with messages that name the path, the
// offset and what to do. Shared by the sinks that write to the system; any number of threads may use it at the
// same time, since it holds no position.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"
#include "restore_core/sink/extents.h"

namespace depthfinder {

class TargetFile {
 public:
  TargetFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Writes all of it, over interruptions and short writes. Error: io.
  Result<void> write_at(std::uint64_t offset, ByteSpan bytes) const;
  // Writes them all; those that follow one another in the file in one system call. Error: io.
  Result<void> write_extents(std::span<const Extent> extents) const;
  // Writes `length` zeros in pieces. Error: io.
  Result<void> write_zeros_at(std::uint64_t offset, std::uint64_t length) const;
  // Makes a hole there, which reads as zeros; where the file system has none, writes them. Error: io.
  Result<void> punch_hole_at(std::uint64_t offset, std::uint64_t length) const;
  // Reads all of it, over interruptions and short reads. Error: io, also where the file ends before.
  Result<void> read_at(std::uint64_t offset, MutableByteSpan bytes) const;
  // True where the file system knows of no data there; a device never does.
  [[nodiscard]] bool is_hole(std::uint64_t offset, std::uint64_t length) const;
  // What was written survives a power failure afterwards. Error: io.
  Result<void> sync() const;
  // The file is still as large, as a restore made it. Error: io, when somebody cut it.
  Result<void> check_size(std::uint64_t bytes) const;
  // The path still leads to this file. Error: io, when it was removed or replaced: the bytes are out of reach.
  Result<void> check_path() const;
  // Keeps other restores away from the file until it is closed; without effect where the file system has no locks.
  // Error: bad_input (another restore has it).
  Result<void> lock() const;
  // "cannot WHAT 'PATH': CAUSE; REMEDY"
  [[nodiscard]] Error io_error(std::string_view what, int error_number) const;
  // "cannot VERB LENGTH bytes at offset OFFSET of 'PATH': CAUSE; REMEDY"
  [[nodiscard]] Error range_error(std::string_view verb, std::uint64_t offset, std::uint64_t length,
                                  int error_number) const;

 private:
  UniqueFd fd_;
  std::string path_;
};

// Opens with O_CLOEXEC, over interruptions. Errors: bad_input (in use, no permission), io.
Result<TargetFile> open_target(const std::string& path, int flags);

}  // namespace depthfinder
