// SPDX-License-Identifier: MIT
// Dynamic index (*.didx), read only: chunks of varying length with their end offsets (pbs-protocol B.2).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct DynamicEntry {
  std::uint64_t end_bytes = 0;  // the chunk covers [end of the one before, end)
  Digest digest{};
};

struct DynamicIndex {
  std::array<std::uint8_t, 16> uuid{};
  std::int64_t ctime_s = 0;
  std::vector<DynamicEntry> entries;

  [[nodiscard]] std::uint64_t archive_bytes() const { return entries.empty() ? 0 : entries.back().end_bytes; }
  [[nodiscard]] std::uint64_t chunk_offset(std::size_t position) const;
  [[nodiscard]] std::uint64_t chunk_length(std::size_t position) const;
  [[nodiscard]] Digest checksum() const;
};

// Errors: corrupt; "index-too-short", "index-magic", "index-empty", "index-table-size", "didx-offsets",
// "didx-chunk-too-large", "index-csum-header".
Result<DynamicIndex> parse_dynamic_index(ByteSpan bytes);

// Errors: corrupt; "index-csum-manifest", "index-size-manifest".
Result<void> check_index_against_manifest(const DynamicIndex& index, const Digest& csum,
                                          std::uint64_t size_bytes);

}  // namespace depthfinder
