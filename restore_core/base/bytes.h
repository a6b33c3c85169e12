// SPDX-License-Identifier: MIT
// Byte spans and little-endian integers: all integers in PBS files are little endian.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "restore_core/base/check.h"

namespace depthfinder {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;
using MutableByteSpan = std::span<std::uint8_t>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads a little-endian integer at `offset`; the caller has checked the length.
template <typename T>
T load_le(ByteSpan bytes, std::size_t offset) {
  DF_CHECK(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<std::make_unsigned_t<T>>(
        value | (static_cast<std::make_unsigned_t<T>>(bytes[offset + i]) << (8 * i)));
  return static_cast<T>(value);
}

template <typename T>
void store_le(MutableByteSpan bytes, std::size_t offset, T value) {
  DF_CHECK(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[offset + i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

// True when every byte is zero; an empty span is. Stops at the first byte that is not.
inline bool is_zero(ByteSpan bytes) {
  if (bytes.empty()) return true;
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace depthfinder
