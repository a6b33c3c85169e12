// SPDX-License-Identifier: MIT
#include "restore_core/hash/crc32.h"

#include <isa-l/crc.h>

namespace depthfinder {

std::uint32_t crc32(ByteSpan bytes) { return crc32_gzip_refl(0, bytes.data(), bytes.size()); }

}  // namespace depthfinder
