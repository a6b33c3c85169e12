// SPDX-License-Identifier: MIT
#include "restore_core/hash/cpu_words.h"

#include <charconv>

namespace depthfinder {
namespace {

std::optional<std::uint64_t> take_hex(std::string_view& text) {
  if (!text.starts_with("0x")) return std::nullopt;
  text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<CpuWords> parse_cpu_words(std::string_view cpu_settings) {
  constexpr std::string_view kPrefix = "OPENSSL_ia32cap=";
  if (!cpu_settings.starts_with(kPrefix)) return std::nullopt;
  cpu_settings.remove_prefix(kPrefix.size());
  const auto low = take_hex(cpu_settings);
  if (!low || !cpu_settings.starts_with(':')) return std::nullopt;
  cpu_settings.remove_prefix(1);
  const auto high = take_hex(cpu_settings);
  if (!high) return std::nullopt;
  return CpuWords{*low, *high};
}

}  // namespace depthfinder
