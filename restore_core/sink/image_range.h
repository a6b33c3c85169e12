// SPDX-License-Identifier: MIT
// A write outside of the image is the engine's mistake: it would reach past the end of a file or device.
#pragma once

#include <cstdint>
#include <span>

#include "restore_core/base/bytes.h"
#include "restore_core/base/check.h"

namespace depthfinder {

inline void check_image_range(std::uint64_t offset, std::uint64_t length, std::uint64_t image_bytes) {
  DF_CHECK(offset <= image_bytes && length <= image_bytes - offset);
}

inline std::uint64_t byte_count(std::span<const ByteSpan> pieces) {
  std::uint64_t bytes = 0;
  for (const ByteSpan piece : pieces) bytes += piece.size();
  return bytes;
}

}  // namespace depthfinder
