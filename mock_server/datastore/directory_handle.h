// SPDX-License-Identifier: MIT
// DirectoryHandle: an open directory, through which only what lies in it is reached: names are single
// components, and a symbolic link is never followed. So no name, and no link planted in a datastore, leads
// out of it. Immutable; any thread may use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

class DirectoryHandle {
 public:
  // Follows links on the way to it: the user named this path. Errors: not_found, io.
  static Result<DirectoryHandle> open(const std::filesystem::path& path);

  // Errors: bad_input (no single component), not_found, io (a link, or no directory).
  [[nodiscard]] Result<DirectoryHandle> subdirectory(std::string_view name) const;

  // Names of what is in it, sorted, without "." and "..". Error: io.
  [[nodiscard]] Result<std::vector<std::string>> names() const;

  // A whole regular file. Errors: as above, and bad_input when larger than `max_bytes`.
  // Of a regular file. Errors: not_found, io.
  [[nodiscard]] Result<std::uint64_t> file_bytes(std::string_view name) const;
  [[nodiscard]] Result<Bytes> read_file(std::string_view name, std::uint64_t max_bytes) const;

  // Where it was opened, for messages.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  DirectoryHandle(UniqueFd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  [[nodiscard]] Result<UniqueFd> open_entry(std::string_view name, int flags) const;

  UniqueFd fd_;
  std::filesystem::path path_;
};

}  // namespace depthfinder::mock
