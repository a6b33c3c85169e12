// SPDX-License-Identifier: MIT
#include "restore_core/hash/cpu_features.h"

#include <array>
#include <cstdint>

#include "restore_core/hash/cpu_words.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

constexpr std::uint64_t kShaNi = bit(29);
constexpr std::uint64_t kAvx2 = bit(5);
// F, DQ, IFMA, PF, ER, CD, BW, VL. OpenSSL's AVX-512 code asks for F and some of the others; with all of them off nothing
// is left that would use the registers, also where OpenSSL takes F away by itself (Skylake-X).
constexpr std::uint64_t kAvx512 =
    bit(16) | bit(17) | bit(21) | bit(26) | bit(27) | bit(28) | bit(30) | bit(31);

struct Feature {
  std::string_view name;
  bool CpuFeatureMask::*member;
  std::uint64_t bits;  // of CPUID leaf 7, EBX
};
constexpr std::array kFeatures = {Feature{"sha-ni", &CpuFeatureMask::sha_ni, kShaNi},
                                  Feature{"avx512", &CpuFeatureMask::avx512, kAvx512},
                                  Feature{"avx2", &CpuFeatureMask::avx2, kAvx2}};
constexpr std::string_view kNames = "\"all\", or of no-sha-ni, no-avx512, no-avx2 (joined by commas)";

// AVX-512 without AVX2 is nothing that OpenSSL or Highway would use.
CpuFeatureMask with_implied(CpuFeatureMask mask) {
  mask.avx512 = mask.avx512 || mask.avx2;
  return mask;
}

bool add_name(CpuFeatureMask& mask, std::string_view name) {
  if (!name.starts_with("no-")) return false;
  name.remove_prefix(3);
  for (const Feature& feature : kFeatures) {
    if (name != feature.name) continue;
    mask.*feature.member = true;
    mask = with_implied(mask);
    return true;
  }
  return false;
}

}  // namespace

Result<CpuFeatureMask> parse_cpu_features(std::string_view text) {
  CpuFeatureMask mask;
  if (text == "all") return mask;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    if (!add_name(mask, name))
      return fail(ErrorKind::bad_input, "CPU features '{}': '{}' is none of {}", text, name, kNames);
    if (comma == std::string_view::npos) return mask;
    rest.remove_prefix(comma + 1);
  }
}

std::string to_string(const CpuFeatureMask& mask) {
  std::string text;
  for (const Feature& feature : kFeatures) {
    if (!(mask.*feature.member) || (feature.bits == kAvx512 && mask.avx2)) continue;
    if (!text.empty()) text += ',';
    text.append("no-").append(feature.name);
  }
  return text.empty() ? "all" : text;
}

std::optional<std::string> ia32cap_environment(const CpuFeatureMask& mask) {
  if (mask.empty()) return std::nullopt;
  const CpuFeatureMask off = with_implied(mask);
  std::uint64_t bits = 0;
  for (const Feature& feature : kFeatures)
    if (off.*feature.member) bits |= feature.bits;
  return fmt::format(":~0x{:x}", bits);
}

std::string mask_fault(const CpuFeatureMask& mask, std::string_view cpu_settings) {
  const auto cpu = parse_cpu_words(cpu_settings);
  if (!cpu) return {};
  const CpuFeatureMask off = with_implied(mask);
  std::string fault;
  for (const Feature& feature : kFeatures) {
    if (!(off.*feature.member) || (cpu->high & feature.bits) == 0) continue;
    if (!fault.empty()) fault += ", ";
    fault += feature.name;
  }
  return fault;
}

}  // namespace depthfinder
