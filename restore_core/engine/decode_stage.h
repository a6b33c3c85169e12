// SPDX-License-Identifier: MIT
// DecodeStage: turns blobs into verified payloads, on the threads that the settings name (strategy.h). It owns those
// threads and what waits for them. The restore owns it; take() may be called from any thread.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "restore_core/engine/decode_turn.h"
#include "restore_core/engine/decoder.h"
#include "restore_core/engine/fetch_stage.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/hash/lane_hasher.h"

namespace depthfinder {

// Work since the start, for whoever compares two moments.
struct StageWork {
  Nanoseconds busy{0};    // of all threads of the stage, wall time
  Nanoseconds waited{0};  // by all chunks before the stage took them
};

class DecodeStage {
 public:
  // `ready` is called with every decoded slot, its payload or error in it, on the thread that decoded it. Where chunks
  // are hashed in lanes, `opened` is called before, when a blob has been decoded and may have to wait.
  DecodeStage(const std::vector<ImageTarget>& images, const EngineSettings& settings, FetchStage& fetch,
              const Clock& clock, SlotHandler ready, std::function<void()> opened);
  ~DecodeStage() { shut_down(); }
  DecodeStage(const DecodeStage&) = delete;
  DecodeStage& operator=(const DecodeStage&) = delete;

  // Starts the threads. Throws std::system_error where the system permits no more.
  void start();

  // A slot whose blob has arrived, or, for DecodeOn::fetchers, which is to be fetched. Dropped after shut_down().
  void take(Slot& slot);

  // For DecodeOn::consumer: on the calling thread, without ready().
  void decode_here(Slot& slot);

  // Lets this many of the threads work from now on.
  void set_active_threads(int count);
  // The depth that chunks waiting for the lanes are counted against.
  void set_depth(int depth);

  // Joins the threads; slots that still wait are dropped.
  void shut_down();

  [[nodiscard]] StageWork work() const { return {Nanoseconds(busy_ns_), Nanoseconds(waited_ns_)}; }
  // After shut_down().
  [[nodiscard]] StageClocks clocks() const;
  // The kernel of full lanes; nothing where chunks are not hashed in lanes.
  [[nodiscard]] std::string lane_kernel() const {
    return hasher_ ? hasher_->best_kernel().name : std::string();
  }
  [[nodiscard]] double hash_batch_mean() const;

 private:
  // What a thread does next; no slots: it ends.
  struct Work {
    DecodeTurn turn = DecodeTurn::wait;
    std::vector<Slot*> slots;
  };

  void run(std::size_t number);
  Work next_work(std::size_t number);
  [[nodiscard]] DecodeTurn turn(std::size_t number) const DF_REQUIRES(mutex_);
  void open(Slot& slot, ChunkDecoder& decoder);
  void open_and_verify(Slot& slot, ChunkDecoder& decoder);
  void queue_for_lanes(Slot& slot);
  void verify_in_lanes(const std::vector<Slot*>& slots, ChunkDecoder& decoder);

  const DecodeOn decode_on_;
  FetchStage& fetch_;
  const Clock& clock_;
  const SlotHandler ready_;
  const std::function<void()> opened_;
  const std::optional<LaneHasher> hasher_;

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Slot*> arrived_ DF_GUARDED_BY(mutex_);
  std::deque<Slot*> decoded_ DF_GUARDED_BY(mutex_);   // wait for the lanes
  TimePoint first_decoded_at_ DF_GUARDED_BY(mutex_);  // of those
  std::size_t decoding_ DF_GUARDED_BY(mutex_) = 0;
  std::size_t batch_ DF_GUARDED_BY(mutex_) = 1;
  std::size_t active_threads_ DF_GUARDED_BY(mutex_);
  bool closed_ DF_GUARDED_BY(mutex_) = false;

  std::atomic<std::int64_t> busy_ns_{0};
  std::atomic<std::int64_t> waited_ns_{0};
  std::atomic<std::uint64_t> hash_batches_{0};
  std::atomic<std::uint64_t> hashed_{0};

  std::vector<std::unique_ptr<ChunkDecoder>>
      decoders_;  // one per thread; the consumer's own where there is none
  std::vector<std::jthread> threads_;
};

}  // namespace depthfinder
