// SPDX-License-Identifier: MIT
// SyntheticPlan: which content lies at which 4 MiB chunk of a synthetic image. A pure function of the image's
// numbers; immutable afterwards, so that any thread may read it. Four bytes a chunk: 1 MiB for an image of 1
// TiB.
//
// The rule, for N chunks:
// 1. round(zeros x N) chunks are all zero. They come in runs, eight chunks (32 MiB) long on average, as free
// space on
//    a disk does; the seed chooses the lengths and scatters the runs among the data.
// 2. The other chunks are data. round(duplicates x data) of them, chosen by the seed but never the first,
// repeat a
//    content that occurs earlier, every one of those equally likely.
// 3. A last chunk shorter than 4 MiB is zero or unique like any other, but neither a duplicate nor repeated.
// Contents are numbered from 0 in the order in which they first occur.
#pragma once

#include <cstdint>
#include <vector>

#include "mock_server/datastore/synthetic_image.h"
#include "restore_core/format/fixed_index.h"

namespace depthfinder::mock {

using ContentId = std::uint32_t;
inline constexpr ContentId kZeroContent = 0xffffffff;

class SyntheticPlan {
 public:
  // The image has passed check_synthetic_image.
  explicit SyntheticPlan(const SyntheticImage& image);

  [[nodiscard]] std::size_t chunk_count() const { return contents_.size(); }
  // kZeroContent, or a number below content_count().
  [[nodiscard]] ContentId content_at(std::size_t position) const { return contents_[position]; }
  [[nodiscard]] std::uint64_t chunk_length(std::size_t position) const;
  // Distinct contents other than zeros.
  [[nodiscard]] ContentId content_count() const { return content_count_; }
  // 4 MiB, but for the content of a short last chunk.
  [[nodiscard]] std::uint64_t content_length(ContentId content) const;
  [[nodiscard]] std::size_t zero_count() const { return zero_count_; }

 private:
  std::vector<ContentId> contents_;
  std::uint64_t last_length_ = kDefaultChunkSize;
  std::size_t zero_count_ = 0;
  ContentId content_count_ = 0;
};

}  // namespace depthfinder::mock
