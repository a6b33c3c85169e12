// SPDX-License-Identifier: MIT
// Whole small files, read with a bound and written atomically.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Reads a regular file of at most `max_bytes`. Errors: not_found, io, bad_input (too large).
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

// Writes beside `path` and renames, so that a reader sees the old bytes or the new ones; fsyncs before the
// rename. Nothing is left beside it after an error.
Result<void> write_file_atomically(const std::filesystem::path& path, ByteSpan bytes, unsigned mode = 0644);

// "cannot WHAT PATH: CAUSE; REMEDY", where there is a general remedy, with the kind not_found for ENOENT and io otherwise.
Error errno_error(std::string_view what, const std::filesystem::path& path, int error_number);

}  // namespace depthfinder
