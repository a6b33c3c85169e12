// SPDX-License-Identifier: MIT
#include "harness/restore_floor.h"

#include "harness/profile/floor.h"
#include "harness/profile/measure_profile.h"
#include "harness/profile/stored_profile.h"

namespace depthfinder {
namespace {

std::optional<Profile> profile_from(FloorSource source, const std::stop_token& stop) {
  auto profile = stored_profile();
  if (profile || source == FloorSource::stored) return profile;
  auto measured = measure_profile(ProfileEffort::quick, stop);
  if (!measured) return std::nullopt;
  (void)store_profile(*measured);  // where it cannot be kept, the next restore measures again
  return std::move(*measured);
}

}  // namespace

std::optional<double> restore_floor_s(const RestoreStats& stats, bool encrypted, bool to_file,
                                      FloorSource source, const std::stop_token& stop) {
  const auto profile = profile_from(source, stop);
  if (!profile) return std::nullopt;
  RestoreFacts facts;
  facts.wire_bytes = stats.wire_bytes;
  facts.payload_bytes = stats.payload_bytes;
  facts.decompressed_bytes = stats.decompressed_bytes;
  if (stats.compressed_bytes > 0)
    facts.compression_ratio =
        static_cast<double>(stats.decompressed_bytes) / static_cast<double>(stats.compressed_bytes);
  facts.encrypted = encrypted;
  facts.written_bytes = to_file ? stats.payload_bytes : 0;
  return cpu_floor_s(*profile, facts);
}

}  // namespace depthfinder
