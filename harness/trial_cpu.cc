// SPDX-License-Identifier: MIT
#include "harness/trial_cpu.h"

#include <string_view>

#include <fmt/format.h>

#include "restore_core/hash/cpu_words.h"

namespace depthfinder {
namespace {

// Bits of EBX of CPUID leaf 7, the low half of the variable's second word.
constexpr std::uint64_t kShaNiBit = 1ULL << 29;
constexpr std::uint64_t kAvx2Bit = 1ULL << 5;
constexpr std::uint64_t kAvx512FBit = 1ULL << 16;
// F, DQ, IFMA, CD, BW, VL: all that kernels ask for.
constexpr std::uint64_t kAvx512Bits =
    kAvx512FBit | 1ULL << 17 | 1ULL << 21 | 1ULL << 28 | 1ULL << 30 | 1ULL << 31;

std::uint64_t masked_bits(const CpuState& state) {
  std::uint64_t bits = state.sha_ni == ShaNi::off ? kShaNiBit : 0;
  if (state.vectors != Vectors::all) bits |= kAvx512Bits;
  if (state.vectors == Vectors::sse) bits |= kAvx2Bit;
  return bits;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// A feature that was to be masked, and how kernels that use it are called.
struct Masked {
  const char* name;
  std::uint64_t bit;
  const char* in_kernels;
};

std::optional<std::string> masked_fault(const Masked& feature, const TrialMetrics& metrics) {
  for (const std::string* kernel : {&metrics.sha256_kernel, &metrics.sha256_lane_kernel})
    if (has(*kernel, feature.in_kernels))
      return fmt::format("{} was to be masked, but the restore hashed with {}", feature.name, *kernel);
  const auto cpu = parse_cpu_words(metrics.openssl_cpu_settings);
  if (cpu && (cpu->high & feature.bit) != 0)
    return fmt::format("{} was to be masked, but OpenSSL has it: {}", feature.name,
                       metrics.openssl_cpu_settings);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> cpu_mask(const CpuState& state) {
  const std::uint64_t bits = masked_bits(state);
  if (bits == 0) return std::nullopt;
  return fmt::format(":~0x{:x}", bits);
}

std::optional<std::string> mask_fault(const Cell& cell, const TrialMetrics& metrics) {
  if (cell.sha_ni == ShaNi::on && !has(metrics.sha256_kernel, "sha-ni"))
    return fmt::format("SHA-NI was asked for, but the restore hashed with {}", metrics.sha256_kernel);
  constexpr Masked kFeatures[] = {
      {"SHA-NI", kShaNiBit, "sha-ni"}, {"AVX-512", kAvx512FBit, "avx512"}, {"AVX2", kAvx2Bit, "avx2"}};
  const std::uint64_t masked = masked_bits(cpu_state(cell));
  for (const Masked& feature : kFeatures) {
    if ((masked & feature.bit) == 0) continue;
    if (auto fault = masked_fault(feature, metrics)) return fault;
  }
  return std::nullopt;
}

}  // namespace depthfinder
