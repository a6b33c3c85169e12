// SPDX-License-Identifier: MIT
// What fixed and dynamic indexes have in common: the header's first fields and the comparison with the
// manifest. Internal to the format layer.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

using IndexMagic = std::array<std::uint8_t, 8>;

inline constexpr std::size_t kUuidOffset = 8;
inline constexpr std::size_t kCtimeOffset = 24;
inline constexpr std::size_t kChecksumOffset = 32;

struct IndexHeader {
  std::array<std::uint8_t, 16> uuid{};
  std::int64_t ctime_s = 0;
  Digest checksum{};
  ByteSpan table;  // into the bytes that were parsed
};

// Errors: corrupt; "index-too-short", "index-magic".
Result<IndexHeader> parse_index_header(ByteSpan bytes, const IndexMagic& magic, std::string_view kind);

// Error: corrupt, "index-csum-header".
Result<void> check_stored_checksum(const IndexHeader& header);

// Errors: corrupt; "index-csum-manifest", "index-size-manifest".
Result<void> compare_with_manifest(const Digest& computed, std::uint64_t archive_bytes, const Digest& csum,
                                   std::uint64_t size_bytes);

}  // namespace depthfinder
