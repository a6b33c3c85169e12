// SPDX-License-Identifier: MIT
// SyncWriter: 4 KiB at a time into a file of its own, each on stable storage before write() returns, as a guest's
// journal writes. The file is full from the start, so that a write changes data and no metadata; it is removed at the
// end, and not earlier: btrfs skips the synchronisation of a file that has no name. Used by one thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class SyncWriter {
 public:
  // Makes and fills the file. Errors: not_found, io.
  static Result<SyncWriter> create(const std::filesystem::path& directory);
  SyncWriter(SyncWriter&& other) noexcept;
  SyncWriter& operator=(SyncWriter&&) = delete;
  ~SyncWriter();

  Result<void> write();  // Errors: io.

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  SyncWriter(std::filesystem::path path, UniqueFd fd);
  Result<void> write_block();

  std::filesystem::path path_;
  UniqueFd fd_;
  Bytes block_;
  std::uint64_t writes_ = 0;
};

// True where synchronised writes never reach a device: tmpfs.
bool is_in_memory(const std::filesystem::path& directory);

}  // namespace depthfinder
