// SPDX-License-Identifier: MIT
// Slots: one per chunk in flight, each with the memory that the chunk needs on its way. A slot is in one
// stage's hands at a time and is handed on through the pipeline's queues; taking and giving back is the
// consumer's alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"
#include "restore_core/engine/plan.h"

namespace depthfinder {

// What a blob may be longer than its payload: headers, and room for a writer that stores what it could not
// compress.
inline constexpr std::size_t kBlobOverheadBytes = 4096;

// A buffer of set capacity, allocated when it is first asked for and then kept; not cleared, so that memory
// which a short chunk never touches is never made resident.
class LazyBuffer {
 public:
  explicit LazyBuffer(std::size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}
  // Throws std::bad_alloc.
  MutableByteSpan get() {
    if (!memory_) memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_bytes_);
    return {memory_.get(), capacity_bytes_};
  }
  [[nodiscard]] std::size_t allocated_bytes() const { return memory_ ? capacity_bytes_ : 0; }

 private:
  std::size_t capacity_bytes_;
  std::unique_ptr<std::uint8_t[]> memory_;
};

struct Slot {
  explicit Slot(std::size_t chunk_size) : receive(chunk_size + kBlobOverheadBytes), decode(chunk_size) {}

  PlannedChunk chunk;
  bool refetched = false;
  Result<std::size_t> blob_bytes = 0;     // set by the fetch: length of the blob in `receive`
  Result<ByteSpan> payload = ByteSpan{};  // set by the decode: points into `receive` or `decode`
  TimePoint taken_at, requested_at, arrived_at, ready_at;
  LazyBuffer receive;
  LazyBuffer decode;  // needed for compressed blobs only
};

class SlotPool {
 public:
  SlotPool(int depth, std::uint64_t chunk_size);

  [[nodiscard]] bool has_free() const { return !free_.empty(); }
  Slot& take(const PlannedChunk& chunk, TimePoint now);
  void release(Slot& slot);

  // The first position among the slots taken, nothing when none is: the first chunk that is not finished.
  [[nodiscard]] std::optional<std::size_t> first_position_taken() const;
  // Only while no stage holds a slot.
  [[nodiscard]] std::uint64_t allocated_bytes() const;

 private:
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::vector<Slot*> taken_;
};

}  // namespace depthfinder
