// SPDX-License-Identifier: MIT
// RestorePlan: which chunks of an image go through the slots and in which order, and which zeros are written apart from
// them. A pure function of the index and of what the target holds already; immutable once made. ChunkOrder: the order in
// which the chunks of several images are asked for; the consumer's alone.
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

// 16 bytes: an index of 1 TiB has 262,144 chunks, and beside the digest's 32 bytes this is what each costs.
struct PlannedChunk {
  std::size_t position = 0;  // in the index
  std::uint32_t image = 0;   // of those restored together
  bool zero = false;         // all zeros: known from the digest, never fetched
};

struct ZeroRun {
  std::size_t first_position = 0;
  std::size_t chunk_count = 0;
  std::uint32_t image = 0;
};

struct RestorePlan {
  std::vector<ZeroRun> zeros_first;  // adjacent zero chunks joined; empty for ZeroOrder::in_order
  std::vector<PlannedChunk> chunks;  // in index order
};

// By position: not 0 where the target holds the chunk already. Empty: it holds none.
using HeldChunks = std::vector<std::uint8_t>;

// The digest of `chunk_size` zeros under this crypt mode (pbs-protocol A.6); `key` is needed for encrypt
// only.
Digest zero_chunk_digest(std::uint64_t chunk_size, CryptMode mode, const CryptConfig* key);

// `image` is the number that the chunks carry; what is held is no part of the plan. Error: corrupt, "index-zero-tail" (a
// short last chunk that names the digest of a full one).
Result<RestorePlan> make_plan(const FixedIndex& index, const Digest& zero_digest, ZeroOrder order,
                              std::uint32_t image = 0, const HeldChunks& held = {});

// Takes from the image of which the smallest share has been taken, so that all of them end together and no target waits
// for another.
class ChunkOrder {
 public:
  explicit ChunkOrder(std::vector<RestorePlan> plans);

  [[nodiscard]] bool done() const { return left_ == 0; }
  [[nodiscard]] std::size_t left() const { return left_; }
  // Only while not done().
  [[nodiscard]] const PlannedChunk& next() const { return plans_[image_].chunks[taken_[image_]]; }
  void advance();

  [[nodiscard]] const std::vector<RestorePlan>& plans() const { return plans_; }

 private:
  void choose_image();

  std::vector<RestorePlan> plans_;  // one per image
  std::vector<std::size_t> taken_;  // of each plan's chunks
  std::size_t image_ = 0;
  std::size_t left_ = 0;
};

}  // namespace depthfinder
