// SPDX-License-Identifier: MIT
// Extents: the pieces of a run cut where zeros begin and end, so that a sink may leave holes or ask for zeros instead of
// writing them. Only whole windows of kHoleBytes count, aligned in the image. Pure; looking for zeros stops at the first
// byte that is not, so data costs one cache line per window and zeros are read at memory speed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "restore_core/base/bytes.h"

namespace depthfinder {

inline constexpr std::size_t kHoleBytes = 64U << 10;

struct Extent {
  std::uint64_t offset = 0;  // in the image
  ByteSpan bytes;            // within one piece
  bool zeros = false;        // all of it

  [[nodiscard]] std::uint64_t end() const { return offset + bytes.size(); }
};

// In order and without gaps; no extent is empty. A window that a piece's border cuts counts as two.
std::vector<Extent> split_at_zeros(std::uint64_t offset, std::span<const ByteSpan> pieces);

// The same without those of zeros.
std::vector<Extent> data_extents(std::uint64_t offset, std::span<const ByteSpan> pieces);

}  // namespace depthfinder
