// SPDX-License-Identifier: MIT
// Values with units as people write them: "5ms", "2GiB", "1.25GB/s". A number without a unit is refused,
// except 0. Decimal prefixes are powers of 1000, binary ones (KiB) of 1024.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// "250us", "5ms", "1.5s", "2m", "1h", "10ns"; at most ten years. Errors: bad_input.
Result<Nanoseconds> parse_duration(std::string_view text);

// "512MiB", "2GiB", "100MB", "4096B"; whole bytes, at most 2^63 - 1. Errors: bad_input.
Result<std::uint64_t> parse_byte_count(std::string_view text);

// "100MB/s", "1.25GB/s", "10Gbit/s": bytes per second. Errors: bad_input.
Result<double> parse_rate(std::string_view text);

// A whole number from `lowest` to `highest`; anything else (empty, text, a sign, a fraction) is refused with
// a message that names `what`. Errors: bad_input.
Result<std::uint64_t> parse_count(std::string_view what, std::string_view text, std::uint64_t lowest,
                                  std::uint64_t highest);

std::string format_duration(Nanoseconds duration);   // "5 ms", "1.5 s", "2 min 05 s"
std::string format_byte_count(std::uint64_t bytes);  // "512 MiB", "1.5 GiB", "12 B"

}  // namespace depthfinder
