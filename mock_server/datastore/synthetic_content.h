// SPDX-License-Identifier: MIT
// SyntheticContent: the bytes of a content of a synthetic image. Pure and immutable, so that any thread may
// call it; a few GB/s per core, because the mock re-makes what its cache does not hold.
//
// A content is made of 16 KiB segments, each random bytes first, then words of a small vocabulary in random
// order (what zstd sees of text: many short matches), then one word over and over. The parts are sized so
// that zstd level 1 arrives at the ratio asked for, to about 5 % over 4 MiB; the vocabulary costs about an
// eighth of its bytes, so ratios below that need random bytes and ratios above it need repetition. The first
// eight bytes name the content: no two contents of an image are equal (down to eight bytes), and none is all
// zero.
#pragma once

#include <cstdint>

#include "mock_server/datastore/synthetic_plan.h"
#include "restore_core/base/bytes.h"

namespace depthfinder::mock {

class SyntheticContent {
 public:
  // `compress` is 1 to kSyntheticCompressMax.
  SyntheticContent(double compress, std::uint64_t seed);

  // Fills `out` with the first out.size() bytes of the content; zeros for kZeroContent.
  void fill(ContentId content, MutableByteSpan out) const;

 private:
  std::uint64_t seed_;
  std::size_t random_bytes_ = 0;      // of a segment
  std::size_t vocabulary_bytes_ = 0;  // of a segment; the rest is one word repeated
};

}  // namespace depthfinder::mock
