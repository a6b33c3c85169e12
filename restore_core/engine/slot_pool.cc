// SPDX-License-Identifier: MIT
#include "restore_core/engine/slot_pool.h"

#include <algorithm>

#include "restore_core/base/check.h"

namespace depthfinder {

SlotPool::SlotPool(const SlotLayout& layout) {
  const auto decode_bytes = static_cast<std::size_t>(layout.chunk_size);
  const std::size_t receive_bytes = decode_bytes + kBlobOverheadBytes;
  const std::size_t receive_offset = kPageBytes - layout.blob_header_bytes % kPageBytes;
  if (layout.buffers == ChunkMemory::pool)
    buffers_ = std::make_unique<BufferPool>(layout.buffers_max, receive_offset + receive_bytes);
  slots_.reserve(layout.slots);
  free_.reserve(layout.slots);
  taken_.reserve(layout.slots);
  for (std::size_t i = 0; i < layout.slots; ++i) {
    slots_.push_back(std::make_unique<Slot>(ChunkBuffer(buffers_.get(), receive_offset, receive_bytes),
                                            ChunkBuffer(buffers_.get(), 0, decode_bytes)));
    free_.push_back(slots_.back().get());
  }
}

Slot& SlotPool::take(const PlannedChunk& chunk, TimePoint now) {
  DF_CHECK(has_free());
  Slot& slot = *free_.back();
  free_.pop_back();
  taken_.push_back(&slot);
  slot.chunk = chunk;
  slot.refetched = false;
  slot.taken_at = now;
  return slot;
}

void SlotPool::release(Slot& slot) {
  const auto found = std::find(taken_.begin(), taken_.end(), &slot);
  DF_CHECK(found != taken_.end() && slot.also_at.empty());
  *found = taken_.back();
  taken_.pop_back();
  slot.cached.reset();
  slot.receive.recycle();
  slot.decode.recycle();
  free_.push_back(&slot);
}

std::optional<std::size_t> SlotPool::first_position_taken(std::uint32_t image) const {
  std::optional<std::size_t> first;
  const auto consider = [&](const PlannedChunk& chunk) {
    if (chunk.image == image && (!first || chunk.position < *first)) first = chunk.position;
  };
  for (const Slot* slot : taken_) {
    consider(slot->chunk);
    std::for_each(slot->also_at.begin(), slot->also_at.end(), consider);
  }
  return first;
}

}  // namespace depthfinder
