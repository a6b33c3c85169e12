// SPDX-License-Identifier: MIT
// CpuFeatureMask: which CPU features a process is to do without, as users say it ("no-sha-ni,no-avx512"), as OpenSSL is told
// it (the variable OPENSSL_ia32cap, read once when the library is loaded: set it before a process starts), and the proof
// that it took. The hash kernels of this folder follow what OpenSSL says it has, so one mask takes a feature from both.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

// True where the feature is taken away. Without AVX2 there is no AVX-512 either, whatever `avx512` says.
struct CpuFeatureMask {
  bool sha_ni = false;
  bool avx512 = false;
  bool avx2 = false;

  [[nodiscard]] bool empty() const { return !sha_ni && !avx512 && !avx2; }
  bool operator==(const CpuFeatureMask&) const = default;
};

// Reads "all" (nothing is taken away) or names joined by ',': "no-sha-ni", "no-avx512", "no-avx2" (which takes AVX-512
// too). Error: bad_input with the names there are.
Result<CpuFeatureMask> parse_cpu_features(std::string_view text);

// The shortest text for the same: "all", "no-sha-ni,no-avx2", ...
std::string to_string(const CpuFeatureMask& mask);

// The value of OPENSSL_ia32cap that takes these features away, ":~0x...": bits of CPUID leaf 7, EBX. Nothing where the
// variable is to be left out. It can only take away: a feature that the CPU lacks stays off.
std::optional<std::string> ia32cap_environment(const CpuFeatureMask& mask);

// The proof, given openssl_cpu_settings() of the masked process: the features that should be off and are still on,
// "sha-ni, avx512". Empty where the mask took, and where there is no x86 statement to take from: such a process has
// none of these features.
std::string mask_fault(const CpuFeatureMask& mask, std::string_view cpu_settings);

}  // namespace depthfinder
