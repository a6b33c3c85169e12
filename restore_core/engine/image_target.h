// SPDX-License-Identifier: MIT
// What one restore is about: an image's index, how its chunks are read, and where they go.
#pragma once

#include <string_view>
#include <vector>

#include "restore_core/base/error.h"
#include "restore_core/engine/plan.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

struct RestoreJob {
  const FixedIndex& index;
  CryptMode crypt_mode;
  const CryptConfig* key = nullptr;  // required for CryptMode::encrypt
};

// One of the images that are restored together; `name` stands in messages where there are several.
struct ImageTarget {
  RestoreJob job;
  Sink& sink;
  std::string_view name;
};

// What the index says of a planned chunk.
inline const Digest& digest_of(const ImageTarget& image, const PlannedChunk& chunk) {
  return image.job.index.digests[chunk.position];
}
inline std::uint64_t chunk_length(const ImageTarget& image, const PlannedChunk& chunk) {
  return image.job.index.chunk_length(chunk.position);
}

}  // namespace depthfinder
