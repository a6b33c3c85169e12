// SPDX-License-Identifier: MIT
#include "restore_core/engine/plan.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

void add_to_runs(std::vector<ZeroRun>& runs, std::size_t position, std::uint64_t run_chunks_max,
                 std::uint32_t image) {
  if (!runs.empty()) {
    ZeroRun& last = runs.back();
    if (last.first_position + last.chunk_count == position && last.chunk_count < run_chunks_max) {
      ++last.chunk_count;
      return;
    }
  }
  runs.push_back({position, 1, image});
}

bool is_held(const HeldChunks& held, std::size_t position) { return !held.empty() && held[position] != 0; }

// Counted first, so that no growing vector holds twice what it needs.
std::size_t planned_chunk_count(const FixedIndex& index, const Digest& zero_digest, ZeroOrder order,
                                const HeldChunks& held) {
  if (order == ZeroOrder::in_order && held.empty()) return index.chunk_count();
  std::size_t count = 0;
  for (std::size_t position = 0; position < index.chunk_count(); ++position) {
    if (is_held(held, position)) continue;
    if (order == ZeroOrder::in_order || index.digests[position] != zero_digest) ++count;
  }
  return count;
}

}  // namespace

Digest zero_chunk_digest(std::uint64_t chunk_size, CryptMode mode, const CryptConfig* key) {
  const Bytes zeros(chunk_size, 0);
  if (mode != CryptMode::encrypt) return sha256(zeros);
  DF_CHECK(key != nullptr);
  return key->keyed_digest(zeros);
}

Result<RestorePlan> make_plan(const FixedIndex& index, const Digest& zero_digest, ZeroOrder order,
                              std::uint32_t image, const HeldChunks& held) {
  DF_CHECK(held.empty() || held.size() == index.chunk_count());
  const std::uint64_t run_chunks_max = std::max<std::uint64_t>(1, kZeroRunBytesMax / index.chunk_size);
  RestorePlan plan;
  plan.chunks.reserve(planned_chunk_count(index, zero_digest, order, held));
  for (std::size_t position = 0; position < index.chunk_count(); ++position) {
    const bool zero = index.digests[position] == zero_digest;
    if (zero && index.chunk_length(position) != index.chunk_size)
      return malformed(
          ErrorKind::corrupt, "index-zero-tail",
          "the last chunk has {} bytes, but its digest is that of {} zeros; the index is damaged",
          index.chunk_length(position), index.chunk_size);
    if (is_held(held, position)) continue;
    if (zero && order == ZeroOrder::first)
      add_to_runs(plan.zeros_first, position, run_chunks_max, image);
    else
      plan.chunks.push_back({position, image, zero});
  }
  return plan;
}

ChunkOrder::ChunkOrder(std::vector<RestorePlan> plans) : plans_(std::move(plans)), taken_(plans_.size(), 0) {
  for (const RestorePlan& plan : plans_) left_ += plan.chunks.size();
  choose_image();
}

void ChunkOrder::advance() {
  DF_CHECK(!done());
  ++taken_[image_];
  --left_;
  choose_image();
}

void ChunkOrder::choose_image() {
  double least = 2;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (taken_[i] == plans_[i].chunks.size()) continue;
    const double share = static_cast<double>(taken_[i]) / static_cast<double>(plans_[i].chunks.size());
    if (share >= least) continue;
    least = share;
    image_ = i;
  }
}

}  // namespace depthfinder
