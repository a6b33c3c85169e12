// SPDX-License-Identifier: MIT
// The four magics of data blobs (pbs-protocol A.1). Internal to the format layer.
#pragma once

#include <array>
#include <cstdint>

namespace depthfinder {

using Magic = std::array<std::uint8_t, 8>;

struct BlobMagic {
  Magic magic;
  bool encrypted;
  bool compressed;
};

inline constexpr std::array<BlobMagic, 4> kBlobMagics = {{
    {{0x42, 0xab, 0x38, 0x07, 0xbe, 0x83, 0x70, 0xa1}, false, false},
    {{0x31, 0xb9, 0x58, 0x42, 0x6f, 0xb6, 0xa3, 0x7f}, false, true},
    {{0x7b, 0x67, 0x85, 0xbe, 0x22, 0x2d, 0x4c, 0xf0}, true, false},
    {{0xe6, 0x59, 0x1b, 0xbf, 0x0b, 0xbf, 0xd8, 0x0b}, true, true},
}};

inline constexpr std::size_t kCrcOffset = 8;
inline constexpr std::size_t kIvOffset = 12;
inline constexpr std::size_t kTagOffset = 28;

}  // namespace depthfinder
