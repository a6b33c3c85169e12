// SPDX-License-Identifier: MIT
#include "restore_core/engine/slot_pool.h"

#include <algorithm>

#include "restore_core/base/check.h"

namespace depthfinder {

SlotPool::SlotPool(int depth, std::uint64_t chunk_size) {
  const auto count = static_cast<std::size_t>(depth);
  slots_.reserve(count);
  free_.reserve(count);
  taken_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    slots_.push_back(std::make_unique<Slot>(static_cast<std::size_t>(chunk_size)));
    free_.push_back(slots_.back().get());
  }
}

Slot& SlotPool::take(const PlannedChunk& chunk, TimePoint now) {
  DF_CHECK(has_free());
  Slot& slot = *free_.back();  // the one released last: its memory is warm
  free_.pop_back();
  taken_.push_back(&slot);
  slot.chunk = chunk;
  slot.refetched = false;
  slot.taken_at = now;
  return slot;
}

void SlotPool::release(Slot& slot) {
  const auto found = std::find(taken_.begin(), taken_.end(), &slot);
  DF_CHECK(found != taken_.end());
  *found = taken_.back();
  taken_.pop_back();
  free_.push_back(&slot);
}

std::optional<std::size_t> SlotPool::first_position_taken() const {
  const auto first = std::min_element(taken_.begin(), taken_.end(), [](const Slot* left, const Slot* right) {
    return left->chunk.position < right->chunk.position;
  });
  if (first == taken_.end()) return std::nullopt;
  return (*first)->chunk.position;
}

std::uint64_t SlotPool::allocated_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& slot : slots_) bytes += slot->receive.allocated_bytes() + slot->decode.allocated_bytes();
  return bytes;
}

}  // namespace depthfinder
