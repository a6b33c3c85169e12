// SPDX-License-Identifier: MIT
// RestorePlan: which chunks of an image go through the slots and in which order, and which zeros are written
// before. A pure function of the index; immutable once made.
#pragma once

#include <cstdint>
#include <vector>

#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/engine/strategy.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/fixed_index.h"

namespace depthfinder {

// A run is one call to the sink and cannot be cancelled meanwhile: at most this much.
inline constexpr std::uint64_t kZeroRunBytesMax = 64ULL << 20;

struct PlannedChunk {
  std::size_t position = 0;  // in the index
  bool zero = false;         // all zeros: known from the digest, never fetched
};

struct ZeroRun {
  std::size_t first_position = 0;
  std::size_t chunk_count = 0;
};

struct RestorePlan {
  std::vector<ZeroRun> zeros_first;  // adjacent zero chunks joined; empty for ZeroOrder::in_order
  std::vector<PlannedChunk> chunks;  // in index order
};

// The digest of `chunk_size` zeros under this crypt mode (pbs-protocol A.6); `key` is needed for encrypt
// only.
Digest zero_chunk_digest(std::uint64_t chunk_size, CryptMode mode, const CryptConfig* key);

// Error: corrupt, "index-zero-tail" (a short last chunk that names the digest of a full one).
Result<RestorePlan> make_plan(const FixedIndex& index, const Digest& zero_digest, ZeroOrder order);

}  // namespace depthfinder
