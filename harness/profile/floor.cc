// SPDX-License-Identifier: MIT
#include "harness/profile/floor.h"

namespace depthfinder {
namespace {

constexpr double kTextLikeRatio = 1.8;
constexpr double kSecondsPerNanosecond = 1e-9;

double floor_ns_per_byte(const Profile& profile, bool encrypted, double ratio) {
  constexpr std::uint64_t kPayloadBytes = 1'000'000'000;
  RestoreFacts facts;
  facts.payload_bytes = kPayloadBytes;
  facts.wire_bytes = static_cast<std::uint64_t>(static_cast<double>(kPayloadBytes) / ratio);
  facts.decompressed_bytes = ratio > 1 ? kPayloadBytes : 0;
  facts.compression_ratio = ratio;
  facts.encrypted = encrypted;
  return cpu_floor_s(profile, facts) / kSecondsPerNanosecond / static_cast<double>(kPayloadBytes);
}

}  // namespace

double cpu_floor_s(const Profile& profile, const RestoreFacts& facts) {
  double per_wire_byte_ns =
      stage_ns_per_byte(profile, StageKind::tls_receive) + stage_ns_per_byte(profile, StageKind::crc32);
  if (facts.encrypted) per_wire_byte_ns += stage_ns_per_byte(profile, StageKind::aes_256_gcm);
  const double zstd_ns = facts.decompressed_bytes == 0
                             ? 0
                             : static_cast<double>(facts.decompressed_bytes) *
                                   zstd_ns_per_byte(profile, facts.compression_ratio);
  const double total_ns =
      static_cast<double>(facts.wire_bytes) * per_wire_byte_ns + zstd_ns +
      static_cast<double>(facts.payload_bytes) * best_sha256(profile).ns_per_byte +
      static_cast<double>(facts.written_bytes) * stage_ns_per_byte(profile, StageKind::file_write);
  return total_ns * kSecondsPerNanosecond;
}

std::vector<FloorCase> floor_cases(const Profile& profile) {
  return {{"plain, incompressible", "plain_incompressible", floor_ns_per_byte(profile, false, 1)},
          {"plain, ratio 1.8", "plain_ratio_1_8", floor_ns_per_byte(profile, false, kTextLikeRatio)},
          {"encrypted, incompressible", "encrypted_incompressible", floor_ns_per_byte(profile, true, 1)},
          {"encrypted, ratio 1.8", "encrypted_ratio_1_8", floor_ns_per_byte(profile, true, kTextLikeRatio)}};
}

}  // namespace depthfinder
