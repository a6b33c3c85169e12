// SPDX-License-Identifier: MIT
// Stage: one kind of work on chunks that a profile times. prepare() is not timed and makes what the next steps need;
// step() is timed and works on step_bytes(). The thread that measures owns all stages. How often, in what order and
// with what clock is measure_profile's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/profile/chunk_ring.h"
#include "harness/profile/profile.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class Stage {
 public:
  explicit Stage(StageCost identity) : identity_(std::move(identity)) {}
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Everything but the cost.
  [[nodiscard]] const StageCost& identity() const { return identity_; }
  // What its cost is divided by.
  [[nodiscard]] virtual std::uint64_t step_bytes() const { return kProfileChunkBytes; }

  virtual Result<void> prepare(std::size_t /*steps*/) { return {}; }
  virtual Result<void> step() = 0;

 protected:
  StageCost identity_;
};

// What the stages share.
struct StageMaterial {
  ChunkRing& ring;
  std::uint64_t evict_bytes;  // read through after inputs were made, so that they are cold
  std::uint64_t seed;         // of contents
};

using StageList = std::vector<std::unique_ptr<Stage>>;

// Each adds its stages. Errors: io, connection.
Result<void> add_receive_stage(const StageMaterial& material, StageList& stages);
Result<void> add_decode_stages(const StageMaterial& material, StageList& stages);  // CRC, AES, zstd
Result<void> add_hash_stages(const StageMaterial& material, StageList& stages);    // every kernel present
Result<void> add_memory_stages(const StageMaterial& material,
                               StageList& stages);  // copy, fresh memory, zero scan
Result<void> add_write_stage(const StageMaterial& material, StageList& stages);

// Copies `input` into the next chunks of the ring, once for each of `steps`, and then reads them out of the caches.
std::vector<MutableByteSpan> cold_copies(const StageMaterial& material, ByteSpan input, std::size_t steps);

}  // namespace depthfinder
