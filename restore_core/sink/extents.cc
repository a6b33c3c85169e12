// SPDX-License-Identifier: MIT
#include "restore_core/sink/extents.h"

#include <algorithm>

namespace depthfinder {
namespace {

void split_piece(std::uint64_t offset, ByteSpan piece, std::vector<Extent>& extents) {
  const std::size_t before = extents.size();
  for (std::size_t at = 0; at < piece.size();) {
    const auto to_border = static_cast<std::size_t>(kHoleBytes - (offset + at) % kHoleBytes);
    const std::size_t length = std::min(to_border, piece.size() - at);
    const bool zeros = is_zero(piece.subspan(at, length));
    if (extents.size() > before && extents.back().zeros == zeros) {
      const std::size_t begin = at - extents.back().bytes.size();
      extents.back().bytes = piece.subspan(begin, at + length - begin);
    } else {
      extents.push_back({offset + at, piece.subspan(at, length), zeros});
    }
    at += length;
  }
}

}  // namespace

std::vector<Extent> split_at_zeros(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  std::vector<Extent> extents;
  for (const ByteSpan piece : pieces) {
    split_piece(offset, piece, extents);
    offset += piece.size();
  }
  return extents;
}

std::vector<Extent> data_extents(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  std::vector<Extent> extents = split_at_zeros(offset, pieces);
  std::erase_if(extents, [](const Extent& extent) { return extent.zeros; });
  return extents;
}

}  // namespace depthfinder
