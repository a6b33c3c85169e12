// SPDX-License-Identifier: MIT
// Values with units as text that units.h reads back to exactly the same value, in the largest unit that says it in
// whole numbers: for files that are read again, not for people. Stateless; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "restore_core/base/clock.h"

namespace depthfinder {

std::string exact_bytes(std::uint64_t bytes);  // "512MiB"; up to 2^53 bytes

// "25ms"; not negative, up to 2^53 ns (104 days).
std::string exact_duration(Nanoseconds duration);

// "500MB/s", "117964800B/s"; 0, or from 1e-3 to 1e15 bytes per second.
std::string exact_rate(double bytes_per_s);

}  // namespace depthfinder
