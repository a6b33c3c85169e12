// SPDX-License-Identifier: MIT
// Fixed index (*.fidx): the digests of an image's chunks in order (pbs-protocol B.1).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

inline constexpr std::uint64_t kDefaultChunkSize = 4ULL << 20;  // in every index a PBS has made
inline constexpr std::size_t kIndexHeaderSize = 4096;

struct FixedIndex {
  std::array<std::uint8_t, 16> uuid{};
  std::int64_t ctime_s = 0;
  std::uint64_t image_bytes = 0;
  std::uint64_t chunk_size = kDefaultChunkSize;
  std::vector<Digest> digests;

  [[nodiscard]] std::size_t chunk_count() const { return digests.size(); }
  [[nodiscard]] std::uint64_t chunk_offset(std::size_t position) const { return position * chunk_size; }
  // The last chunk is short where image_bytes is no multiple of chunk_size.
  [[nodiscard]] std::uint64_t chunk_length(std::size_t position) const;
  // SHA-256 over the digest table: the manifest's csum.
  [[nodiscard]] Digest checksum() const;
};

// All checks that need no manifest, the stored checksum included. Errors: corrupt; "index-too-short",
// "index-magic", "index-chunk-size", "index-empty", "index-size-overflow", "index-table-size",
// "index-csum-header".
Result<FixedIndex> parse_fixed_index(ByteSpan bytes);

// Compares with the manifest's entry. Errors: corrupt; "index-csum-manifest", "index-size-manifest".
Result<void> check_index_against_manifest(const FixedIndex& index, const Digest& csum,
                                          std::uint64_t size_bytes);

// The file's bytes.
Bytes write_fixed_index(const FixedIndex& index);

}  // namespace depthfinder
