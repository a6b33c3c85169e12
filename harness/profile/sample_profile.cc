// SPDX-License-Identifier: MIT
#include "harness/profile/sample_profile.h"

namespace depthfinder {

Profile sample_profile() {
  Profile profile;
  profile.tool_version = "1.2.3";
  profile.host.cpu_model = "Sample CPU";
  profile.host.logical_cpus = 2;
  profile.host.memory_bytes = 8ULL << 30;
  profile.host.kernel = "Linux 6.1";
  profile.host.cpu_flags = {"avx512f", "sha_ni"};
  profile.host.openssl_cpu_settings = "OPENSSL_ia32cap=0x1:0x2";
  profile.host.load_average_1m = 0.25;
  profile.rounds = 11;
  profile.seed = 7;
  profile.cold_bytes = 256ULL << 20;
  const auto add = [&profile](StageKind kind, double ns_per_byte) -> StageCost& {
    return profile.stages.emplace_back(
        StageCost{.kind = kind, .ns_per_byte = ns_per_byte, .spread_ratio = 0.04});
  };
  add(StageKind::tls_receive, 0.5).note = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  add(StageKind::crc32, 0.05);
  add(StageKind::aes_256_gcm, 0.2).note = "in place";
  add(StageKind::zstd, 0.1).compression_ratio = 1.25;
  add(StageKind::zstd, 0.3).compression_ratio = 2;
  add(StageKind::zstd, 0.4).compression_ratio = 4;
  add(StageKind::sha256, 0.6).kernel = "openssl-sha-ni";
  StageCost& lanes = add(StageKind::sha256, 0.25);
  lanes.kernel = "lanes-avx512-x16";
  lanes.lanes = 16;
  add(StageKind::memory_copy, 0.1);
  add(StageKind::fresh_memory, 0.7);
  add(StageKind::zero_scan, 0.03);
  add(StageKind::file_write, 0.8).note = "page cache, /tmp";
  return profile;
}

}  // namespace depthfinder
