// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_kernel.h"

#include <algorithm>
#include <optional>

// The low-level calls are the only ones of OpenSSL that continue from a given chaining state. They run the same code as
// EVP does, with the same choice of CPU features.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "restore_core/base/check.h"
#include "restore_core/hash/cpu_words.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/hash/sha_ni_lanes.h"
#include "restore_core/hash/vector_lanes.h"

namespace depthfinder {
namespace {

void compress_by_openssl(Sha256Words* const* states, const std::uint8_t* const* data, std::size_t blocks) {
  SHA256_CTX context;
  DF_CHECK(SHA256_Init(&context) == 1);
  std::copy(states[0]->begin(), states[0]->end(), context.h);
  DF_CHECK(SHA256_Update(&context, data[0], blocks * kSha256BlockBytes) == 1);
  std::copy_n(context.h, states[0]->size(), states[0]->begin());
}

// What Highway compiles its SSE4 lanes for and OpenSSL has a bit for: SSSE3, SSE4.1.
bool has_sse4(const CpuWords& cpu) { return cpu.ecx(9) && cpu.ecx(19); }
bool has_avx2(const CpuWords& cpu) { return has_sse4(cpu) && cpu.ebx7(5); }
// DQ, BW and VL. Not F: on Skylake-X OpenSSL itself takes F away, to keep the clock up for its own short bursts. Whether
// our lanes are worth it there is measured.
bool has_avx512(const CpuWords& cpu) { return has_avx2(cpu) && cpu.ebx7(17) && cpu.ebx7(30) && cpu.ebx7(31); }
bool has_sha_ni(const CpuWords& cpu) { return has_sse4(cpu) && cpu.ebx7(29); }

}  // namespace

std::vector<LaneKernel> available_kernels(std::string_view cpu_settings) {
  std::vector<LaneKernel> kernels = {{sha256_kernel_for(cpu_settings), 1, 0, compress_by_openssl}};
  const auto add = [&](bool wanted, std::optional<LaneKernel> kernel) {
    if (wanted && kernel) kernels.push_back(std::move(*kernel));
  };
  const auto cpu = parse_cpu_words(cpu_settings);
  add(cpu && has_sha_ni(*cpu), sha_ni_kernel());
  add(cpu && has_sse4(*cpu), vector_kernel(VectorTarget::sse4));
  add(cpu && has_avx2(*cpu), vector_kernel(VectorTarget::avx2));
  add(cpu && has_avx512(*cpu), vector_kernel(VectorTarget::avx512));
  add(true, vector_kernel(VectorTarget::neon));
  return kernels;
}

}  // namespace depthfinder
