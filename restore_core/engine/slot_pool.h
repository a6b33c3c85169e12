// SPDX-License-Identifier: MIT
// Slots: one per chunk in flight, each with the memory that the chunk needs on its way. A slot is in one
// stage's hands at a time and is handed on through the stages' queues; taking and giving back is the
// consumer's alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"
#include "restore_core/engine/chunk_buffer.h"
#include "restore_core/engine/plan.h"

namespace depthfinder {

// What a blob may be longer than its payload: headers, and room for a writer that stores what it could not
// compress.
inline constexpr std::size_t kBlobOverheadBytes = 4096;

struct Slot {
  Slot(ChunkBuffer receive_buffer, ChunkBuffer decode_buffer)
      : receive(std::move(receive_buffer)), decode(std::move(decode_buffer)) {}

  PlannedChunk chunk;
  std::vector<PlannedChunk>
      also_at;  // the same chunk is wanted there too, after `chunk`; the consumer's alone
  bool refetched = false;
  bool fetch_uncounted = false;           // its fetch is under way, or done and not yet in the statistics
  Result<std::size_t> blob_bytes = 0;     // set by the fetch: length of the blob in `receive`
  std::uint64_t compressed_bytes = 0;     // set by the decode: what was decompressed, 0 where it came plain
  bool keyed = false;                     // set by the decode: the digest covers the id key too
  Result<ByteSpan> payload = ByteSpan{};  // set by the decode: in `receive`, `decode` or `cached`
  std::shared_ptr<const Bytes> cached;    // where the payload came from, if it was not fetched
  TimePoint taken_at, requested_at, arrived_at, ready_at;
  ChunkBuffer receive;
  ChunkBuffer decode;  // needed for compressed blobs only
};

struct SlotLayout {
  std::size_t slots = 1;
  std::size_t buffers_max = 2;  // in use at a time, over all slots: whoever takes slots keeps to it
  std::uint64_t chunk_size = 0;
  ChunkMemory buffers = ChunkMemory::pool;
  std::size_t blob_header_bytes = 0;  // what stands before a stored payload: pooled payloads begin on a page
};

class SlotPool {
 public:
  // Throws std::bad_alloc.
  explicit SlotPool(const SlotLayout& layout);

  [[nodiscard]] std::size_t taken_count() const { return taken_.size(); }
  [[nodiscard]] bool has_free() const { return !free_.empty(); }
  Slot& take(const PlannedChunk& chunk, TimePoint now);
  void release(Slot& slot);

  // The first position of this image that a taken slot stands for, nothing when there is none: the first chunk that is
  // not finished.
  [[nodiscard]] std::optional<std::size_t> first_position_taken(std::uint32_t image = 0) const;
  // Of the pool.
  [[nodiscard]] std::uint64_t touched_bytes() const { return buffers_ ? buffers_->touched_bytes() : 0; }

 private:
  std::unique_ptr<BufferPool> buffers_;  // none where buffers are fresh
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::vector<Slot*> taken_;
};

}  // namespace depthfinder
