// SPDX-License-Identifier: MIT
// Profile: what each stage of a restore costs on this host, in ns of CPU time per byte and core, with memory-cold
// chunks. A plain value: measure_profile.h makes it, profile_json.h writes and reads it, floor.h computes with it. It
// says nothing of latencies, nor of what stages cost when their bytes are still in a cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

inline constexpr int kProfileSchemaVersion = 1;
inline constexpr std::uint64_t kProfileChunkBytes = 4ULL << 20;

enum class StageKind {
  tls_receive,   // TLS 1.3, AES-256-GCM, over loopback, kernel time of the receiving thread included
  crc32,         // per byte of the blob's body
  aes_256_gcm,   // decryption in place, per byte
  zstd,          // decompression, per byte that comes out
  sha256,        // per byte; of each kernel, all its lanes full
  memory_copy,   // per byte copied
  file_write,    // pwrite() into a fresh file, page cache
  fresh_memory,  // mapping, first touch of every page and unmapping, per byte
  zero_scan,     // proving that a chunk is all zero, per byte
};
inline constexpr StageKind kStageKinds[] = {
    StageKind::tls_receive, StageKind::crc32,        StageKind::aes_256_gcm,
    StageKind::zstd,        StageKind::sha256,       StageKind::memory_copy,
    StageKind::file_write,  StageKind::fresh_memory, StageKind::zero_scan};
std::string_view stage_kind_name(StageKind kind);  // "tls-receive", "crc32", ...

struct StageCost {
  StageKind kind = StageKind::tls_receive;
  double ns_per_byte = 0;                        // median over the rounds
  double spread_ratio = 0;                       // (highest - lowest) / median, over the rounds
  std::optional<double> compression_ratio = {};  // of zstd: bytes out per byte in, as measured
  std::string kernel = {};                       // of sha256: "openssl-sha-ni", "lanes-avx512-x16", ...
  int lanes = 1;                                 // of sha256: messages side by side
  std::string note = {};                         // what else a reader should know; may be empty
};

struct Profile {
  std::string tool_version;
  HostInfo host;  // openssl_cpu_settings: of the process that measured, a mask included
  bool quick = false;
  int rounds = 0;                // each measured every stage once, in an order of its own
  std::uint64_t seed = 0;        // of these orders
  std::uint64_t cold_bytes = 0;  // how much memory the chunks rotate over
  std::vector<StageCost> stages;
};

// Every kind there, costs finite and above 0, no kernel and no ratio twice. Error: bad_input.
Result<void> check_profile(const Profile& profile);

// Of a checked profile. `kind` is neither zstd nor sha256.
double stage_ns_per_byte(const Profile& profile, StageKind kind);
// The sha256 stage of least cost.
const StageCost& best_sha256(const Profile& profile);
// zstd at a ratio: straight lines between the ratios measured, over 1 / ratio. What does not compress is copied, what
// does is put together from matches, and 1 / ratio says how a chunk is shared between the two. Beyond the ratios
// measured, the cost of the nearest.
double zstd_ns_per_byte(const Profile& profile, double compression_ratio);

}  // namespace depthfinder
