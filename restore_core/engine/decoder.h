// SPDX-License-Identifier: MIT
// ChunkDecoder: from the blob of one chunk to its verified payload, step by step, each step's CPU time on a
// clock. One belongs to each decoding thread. It copies nothing: what is stored plain stays where it was
// received.
#pragma once

#include <cstdint>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/stage_clocks.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

struct ExpectedChunk {
  Digest digest{};
  std::uint64_t bytes = 0;
};

class ChunkDecoder {
 public:
  // `key` may be null unless the mode is encrypt, and must outlive the decoder.
  ChunkDecoder(CryptMode mode, const CryptConfig* key) : mode_(mode), key_(key) {}

  // Checks the CRC, the crypt mode, the tag, the length and the digest. Decrypts within `blob`, decompresses
  // into `buffer`, and returns a view of one of them. Errors: corrupt, with the reasons of
  // format/data_blob.h.
  Result<ByteSpan> decode(MutableByteSpan blob, const ExpectedChunk& expected, LazyBuffer& buffer);

  void add_wait(Nanoseconds waited) { clocks_.crc.wait += waited; }
  [[nodiscard]] const StageClocks& clocks() const { return clocks_; }

 private:
  CryptMode mode_;
  const CryptConfig* key_;
  StageClocks clocks_;
};

}  // namespace depthfinder
