// SPDX-License-Identifier: MIT
#include "restore_core/engine/slot_pool.h"

#include <algorithm>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

constexpr std::size_t kPageBytes = 4096;

std::size_t whole_pages(std::size_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

// All receive buffers stand before all decode buffers: where nothing is compressed, the latter are never touched.
struct ArenaLayout {
  ArenaLayout(std::size_t slot_count, const SlotLayout& layout)
      : receive_bytes(static_cast<std::size_t>(layout.chunk_size) + kBlobOverheadBytes),
        decode_bytes(static_cast<std::size_t>(layout.chunk_size)),
        receive_begin(kPageBytes - layout.blob_header_bytes % kPageBytes),
        receive_stride(whole_pages(receive_begin + receive_bytes)),
        decode_stride(whole_pages(decode_bytes)),
        decode_begin(slot_count * receive_stride),
        bytes(decode_begin + slot_count * decode_stride) {}

  std::size_t receive_bytes, decode_bytes, receive_begin, receive_stride, decode_stride, decode_begin, bytes;
};

}  // namespace

SlotPool::SlotPool(int depth, const SlotLayout& layout) {
  const auto count = static_cast<std::size_t>(depth);
  const ArenaLayout places(count, layout);
  if (layout.buffers == Buffers::pool) arena_ = std::make_unique<BufferArena>(places.bytes);
  slots_.reserve(count);
  free_.reserve(count);
  taken_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (arena_) {
      const MutableByteSpan all = arena_->bytes();
      slots_.push_back(std::make_unique<Slot>(
          ChunkBuffer(all.subspan(i * places.receive_stride + places.receive_begin, places.receive_bytes)),
          ChunkBuffer(all.subspan(places.decode_begin + i * places.decode_stride, places.decode_bytes))));
    } else {
      slots_.push_back(
          std::make_unique<Slot>(ChunkBuffer(places.receive_bytes), ChunkBuffer(places.decode_bytes)));
    }
  }
  for (std::size_t i = count; i > 0; --i) free_.push_back(slots_[i - 1].get());  // the first one on top
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

std::uint64_t SlotPool::allocated_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& slot : slots_) bytes += slot->receive.allocated_bytes() + slot->decode.allocated_bytes();
  return bytes;
}

}  // namespace depthfinder
