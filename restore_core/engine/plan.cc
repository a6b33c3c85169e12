// SPDX-License-Identifier: MIT
#include "restore_core/engine/plan.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

void add_to_runs(std::vector<ZeroRun>& runs, std::size_t position, std::uint64_t run_chunks_max) {
  if (!runs.empty()) {
    ZeroRun& last = runs.back();
    if (last.first_position + last.chunk_count == position && last.chunk_count < run_chunks_max) {
      ++last.chunk_count;
      return;
    }
  }
  runs.push_back({position, 1});
}

}  // namespace

Digest zero_chunk_digest(std::uint64_t chunk_size, CryptMode mode, const CryptConfig* key) {
  const Bytes zeros(chunk_size, 0);
  if (mode != CryptMode::encrypt) return sha256(zeros);
  DF_CHECK(key != nullptr);
  return key->keyed_digest(zeros);
}

Result<RestorePlan> make_plan(const FixedIndex& index, const Digest& zero_digest, ZeroOrder order) {
  const std::uint64_t run_chunks_max = std::max<std::uint64_t>(1, kZeroRunBytesMax / index.chunk_size);
  RestorePlan plan;
  for (std::size_t position = 0; position < index.chunk_count(); ++position) {
    const bool zero = index.digests[position] == zero_digest;
    if (zero && index.chunk_length(position) != index.chunk_size)
      return malformed(
          ErrorKind::corrupt, "index-zero-tail",
          "the last chunk has {} bytes, but its digest is that of {} zeros; the index is damaged",
          index.chunk_length(position), index.chunk_size);
    if (zero && order == ZeroOrder::first)
      add_to_runs(plan.zeros_first, position, run_chunks_max);
    else
      plan.chunks.push_back({position, zero});
  }
  return plan;
}

}  // namespace depthfinder
