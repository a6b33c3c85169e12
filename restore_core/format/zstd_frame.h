// SPDX-License-Identifier: MIT
// zstd as blobs use it: exactly one frame, no dictionary, windows up to 2^27. Internal to the format layer;
// decoding is declared in data_blob.h. Contexts are per thread, so every function may be called from any
// thread.
#pragma once

#include <cstdint>
#include <optional>

#include "restore_core/base/bytes.h"

namespace depthfinder {

// Compresses at level 1 into `out` and returns the frame's length, or nothing when it does not fit.
std::optional<std::size_t> compress_zstd(ByteSpan payload, MutableByteSpan out);

}  // namespace depthfinder
