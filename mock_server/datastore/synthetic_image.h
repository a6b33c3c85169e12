// SPDX-License-Identifier: MIT
// SyntheticImage: what a made-up disk image is like, in five numbers. The same numbers give the same bytes on
// every host. Values only: where the zeros and duplicates lie is synthetic_plan.h, the bytes are
// synthetic_content.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder::mock {

inline constexpr std::uint64_t kSyntheticBytesMax = 16ULL << 40;
inline constexpr double kSyntheticCompressMax = 100;

struct SyntheticImage {
  std::uint64_t size_bytes = 1ULL << 30;
  double zeros = 0;       // share of all-zero chunks
  double duplicates = 0;  // share of the other chunks that repeat an earlier one
  double compress = 1;    // zstd ratio aimed at; 1 is incompressible
  std::uint64_t seed = 1;
};

// Size 1 byte to 16 TiB, shares 0 to 1, compress 1 to 100, and no duplicates of nothing (zeros=1). Error:
// bad_input.
Result<void> check_synthetic_image(const SyntheticImage& image);

// "size=1GiB,zeros=0.3,duplicates=0.1,compress=1.8,seed=1"; every key optional, an unknown or repeated one
// refused, and the values checked as above. Error: bad_input.
Result<SyntheticImage> parse_synthetic_image(std::string_view text);

}  // namespace depthfinder::mock
