// SPDX-License-Identifier: MIT
// What a server says about the snapshots it offers: names, sizes and the digests a restore must arrive at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "restore_core/base/digest.h"

namespace depthfinder::mock {

struct ArchiveInfo {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::optional<Digest>
      image_sha256;  // absent where the key to read it is not here, or it was too large to hash
};

struct SnapshotInfo {
  std::string snapshot;  // "vm/100/2025-07-07T08:00:00Z"
  std::string ns;
  std::vector<ArchiveInfo> archives;
};

}  // namespace depthfinder::mock
