// SPDX-License-Identifier: MIT
// A write outside of the image is the engine's mistake: it would reach past the end of a file or device.
#pragma once

#include <cstdint>

#include "restore_core/base/check.h"

namespace depthfinder {

inline void check_image_range(std::uint64_t offset, std::uint64_t length, std::uint64_t image_bytes) {
  DF_CHECK(offset <= image_bytes && length <= image_bytes - offset);
}

}  // namespace depthfinder
