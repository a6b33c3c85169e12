// SPDX-License-Identifier: MIT
// CpuWords: OpenSSL's statement of the CPU features that it uses, "OPENSSL_ia32cap=0x7ed8...:0x219c... env:...", as bits. The
// statement is what the CPU has, less what the variable OPENSSL_ia32cap took away when the library was loaded. Values
// only; asks neither the CPU nor OpenSSL.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace depthfinder {

struct CpuWords {
  std::uint64_t low = 0;   // CPUID leaf 1: EDX in the lower half, ECX in the upper
  std::uint64_t high = 0;  // CPUID leaf 7: EBX in the lower half

  [[nodiscard]] bool edx(unsigned bit) const { return ((low >> bit) & 1U) != 0; }
  [[nodiscard]] bool ecx(unsigned bit) const { return ((low >> (32 + bit)) & 1U) != 0; }
  [[nodiscard]] bool ebx7(unsigned bit) const { return ((high >> bit) & 1U) != 0; }
};

// Nothing for what is no x86 statement.
std::optional<CpuWords> parse_cpu_words(std::string_view cpu_settings);

}  // namespace depthfinder
