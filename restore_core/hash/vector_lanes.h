// SPDX-License-Identifier: MIT
// vector_kernel(): SHA-256 with one message per 32-bit lane of a vector register, by Highway: SSE4 (4 lanes), AVX2 (8),
// AVX-512 (16), NEON (4). Each is compiled for its own CPU features and the rest of the program for none of them, so the
// program also starts on CPUs that lack them. Says only what the CPU has; masks are the caller's business.
#pragma once

#include <cstdint>
#include <optional>

#include "restore_core/hash/lane_kernel.h"

namespace depthfinder {

enum class VectorTarget { sse4, avx2, avx512, neon };

// The kernel for this target; nothing where the CPU, or the build, lacks it.
std::optional<LaneKernel> vector_kernel(VectorTarget target);

}  // namespace depthfinder
