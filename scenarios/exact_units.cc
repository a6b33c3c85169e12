// SPDX-License-Identifier: MIT
#include "scenarios/exact_units.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace depthfinder {

std::string exact_bytes(std::uint64_t bytes) {
  constexpr std::pair<int, const char*> kUnits[] = {{40, "TiB"}, {30, "GiB"}, {20, "MiB"}, {10, "KiB"}};
  for (const auto& [shift, unit] : kUnits)
    if (bytes > 0 && bytes % (1ULL << shift) == 0) return fmt::format("{}{}", bytes >> shift, unit);
  return fmt::format("{}B", bytes);
}

std::string exact_duration(Nanoseconds duration) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
  const auto count = duration.count();
  for (const auto& [nanoseconds, unit] : kUnits)
    if (count % nanoseconds == 0) return fmt::format("{}{}", count / nanoseconds, unit);
  return fmt::format("{}ns", count);
}

std::string exact_rate(double bytes_per_s) {
  const double megabytes = bytes_per_s / 1e6;
  if (megabytes == std::floor(megabytes) && megabytes * 1e6 == bytes_per_s)
    return fmt::format("{:.0f}MB/s", megabytes);
  if (bytes_per_s == std::floor(bytes_per_s)) return fmt::format("{:.0f}B/s", bytes_per_s);
  return fmt::format("{}B/s", bytes_per_s);
}

}  // namespace depthfinder
