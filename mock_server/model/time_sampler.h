// SPDX-License-Identifier: MIT
// Random durations by a TimeDistribution: pure functions of the distribution and of the generator they are given.
// README.md in this folder has the formulas. No time is negative, and none that is computed is longer than an hour, so
// that sums of them stay far from the end of the clock.
#pragma once

#include <cstdint>

#include "restore_core/base/clock.h"
#include "restore_core/base/random.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

inline constexpr Nanoseconds kComputedTimeMax = std::chrono::hours(1);

inline double in_nanoseconds(Nanoseconds duration) { return static_cast<double>(duration.count()); }

// Rounded to the nearest nanosecond, within [0, kComputedTimeMax].
[[nodiscard]] Nanoseconds bounded_time(double nanoseconds);

// bytes / rate; 0 for a rate of 0, which stands for "no limit".
[[nodiscard]] Nanoseconds transfer_time(std::uint64_t bytes, double rate_bytes_per_s);

[[nodiscard]] Nanoseconds sample(const TimeDistribution& distribution, Random& random);

}  // namespace depthfinder::mock
