// SPDX-License-Identifier: MIT
// ChunkDecoder: from the blob of one chunk to its verified payload, step by step, each step's CPU time on a
// clock. One belongs to each decoding thread. It copies nothing: what is stored plain stays where it was
// received.
#pragma once

#include <cstdint>
#include <span>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/stage_clocks.h"
#include "restore_core/hash/lane_hasher.h"

namespace depthfinder {

class ChunkDecoder {
 public:
  // The images outlive the decoder.
  explicit ChunkDecoder(const std::vector<ImageTarget>& images) : images_(images) {}

  // Checks the CRC, the crypt mode, the tag and the length of the slot's blob. Decrypts within the receive buffer,
  // decompresses into the decode buffer and leaves a view of one of them as the payload, not verified yet, or the
  // error: corrupt, with the reasons of format/data_blob.h. The buffer that is not needed any more is given back.
  void open(Slot& slot, TimePoint now);

  // Compares the payloads' digests with the index, all of them hashed side by side; a wrong one becomes its slot's
  // error. Slots that hold an error are passed over.
  void verify(std::span<Slot* const> slots, const LaneHasher& hasher);
  // The same for one slot, by OpenSSL.
  void verify(Slot& slot);

  [[nodiscard]] const StageClocks& clocks() const { return clocks_; }

 private:
  Result<ByteSpan> open_blob(MutableByteSpan bytes, Slot& slot);

  const std::vector<ImageTarget>& images_;
  StageClocks clocks_;
};

}  // namespace depthfinder
