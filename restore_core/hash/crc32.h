// SPDX-License-Identifier: MIT
// CRC-32 as in IEEE 802.3 and zlib (reflected 0xEDB88320), by ISA-L.
#pragma once

#include <cstdint>

#include "restore_core/base/bytes.h"

namespace depthfinder {

std::uint32_t crc32(ByteSpan bytes);

}  // namespace depthfinder
