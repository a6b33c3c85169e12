// SPDX-License-Identifier: MIT
// LaneKernel: one way to run SHA-256's compression over several messages side by side. All kernels share the chaining state, so
// a message may change kernels at any block. Kernels are functions without state; any thread may call them. What to run
// when is decided in kernel_choice.h and lane_schedule.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthfinder {

inline constexpr std::size_t kSha256BlockBytes = 64;
inline constexpr int kLanesMax = 32;

// The chaining state a..h of FIPS 180-4 as host integers.
using Sha256Words = std::array<std::uint32_t, 8>;

// Compresses `blocks` blocks from data[i] into *states[i], for i below the kernel's lanes. No two states may be the same;
// data may be, and needs no alignment.
using LaneCompress = void (*)(Sha256Words* const* states, const std::uint8_t* const* data,
                              std::size_t blocks);

struct LaneKernel {
  std::string name;        // "openssl-sha-ni", "sha-ni-x2", "lanes-avx512-x16", ...
  int lanes = 1;           // messages side by side
  double ns_per_byte = 0;  // with all lanes full, as measured; 0 where it was not
  LaneCompress compress = nullptr;
};

// The kernels that this CPU has and that these settings (openssl_cpu_settings()) leave; OpenSSL's own is the first.
std::vector<LaneKernel> available_kernels(std::string_view cpu_settings);

}  // namespace depthfinder
