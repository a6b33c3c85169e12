// SPDX-License-Identifier: MIT
#include "restore_core/engine/fetch_stage.h"

#include <optional>
#include <utility>

namespace depthfinder {
namespace {

// One fetch that a thread waits for.
class Arrival {
 public:
  // Notifies under the lock: the waiter may destroy this as soon as it has the lock.
  void set(Result<std::size_t> blob_bytes) {
    MutexLock lock(mutex_);
    blob_bytes_ = std::move(blob_bytes);
    changed_.notify_one();
  }
  Result<std::size_t> wait() {
    MutexLock lock(mutex_);
    while (!blob_bytes_) changed_.wait(mutex_);
    return *std::exchange(blob_bytes_, std::nullopt);
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::optional<Result<std::size_t>> blob_bytes_ DF_GUARDED_BY(mutex_);
};

// Of a pool: lent when the blob arrives. Of the heap: now, where running out of memory can be told.
ChunkRoom room_for(Slot& slot) {
  if (!slot.receive.pooled()) return slot.receive.get();
  return {slot.receive.capacity_bytes(), [&slot] { return slot.receive.get(); }};
}

}  // namespace

void FetchStage::start(Slot& slot, const SlotHandler& arrived) {
  {
    MutexLock lock(mutex_);
    ++outstanding_;
  }
  ++in_flight_;
  source_.fetch(digest_of(images_[slot.chunk.image], slot.chunk), room_for(slot),
                [this, &slot, &arrived](Result<std::size_t> blob_bytes) {
                  slot.arrived_at = clock_.now();
                  slot.blob_bytes = std::move(blob_bytes);
                  --in_flight_;
                  arrived(slot);
                  // Last, and notified under the lock: once it reads 0 this may be destroyed.
                  MutexLock lock(mutex_);
                  --outstanding_;
                  changed_.notify_all();
                });
}

void FetchStage::fetch_and_wait(Slot& slot) {
  Arrival arrival;
  source_.fetch(digest_of(images_[slot.chunk.image], slot.chunk), room_for(slot),
                [this, &slot, &arrival](Result<std::size_t> blob_bytes) {
                  slot.arrived_at = clock_.now();
                  arrival.set(std::move(blob_bytes));
                });
  slot.blob_bytes = arrival.wait();
}

void FetchStage::wait_until_idle() {
  MutexLock lock(mutex_);
  while (outstanding_ > 0) changed_.wait(mutex_);
}

}  // namespace depthfinder
