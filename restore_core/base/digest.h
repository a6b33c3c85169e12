// SPDX-License-Identifier: MIT
// Digest: 32 bytes of SHA-256, the name of a chunk; and lower-case hex.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"

namespace depthfinder {

using Digest = std::array<std::uint8_t, 32>;

// Digests are uniformly distributed, so their first bytes are their hash.
struct DigestHash {
  std::size_t operator()(const Digest& digest) const {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
  }
};

// Lower-case hex, two digits a byte.
std::string to_hex(ByteSpan bytes);

// Reads an even number of hex digits of either case; nothing when there is any other character.
std::optional<Bytes> from_hex(std::string_view text);

// Reads exactly 64 hex digits of either case.
std::optional<Digest> digest_from_hex(std::string_view text);

// "0e:ab:...": pairs joined by ':', as fingerprints are written.
std::string to_colon_hex(ByteSpan bytes);

}  // namespace depthfinder
