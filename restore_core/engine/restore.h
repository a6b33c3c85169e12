// SPDX-License-Identifier: MIT
// Restore: one restore under way, with its stages and what it has to remember. It lives on the consumer's stack; the
// steps are told in restore_engine.cc.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "restore_core/base/queue.h"
#include "restore_core/engine/decode_stage.h"
#include "restore_core/engine/fetch_stage.h"
#include "restore_core/engine/hot_chunk_cache.h"
#include "restore_core/engine/plan.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/restore_tally.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/write_stage.h"

namespace depthfinder {

// What comes back to the consumer; nothing at all: look whether there is room for another fetch.
struct Finished {
  Slot* slot = nullptr;            // decoded, or written
  const ZeroRun* zeros = nullptr;  // written
  bool written = false;
  Result<void> outcome = {};  // of the write
};

class Restore {
 public:
  Restore(const std::vector<ImageTarget>& images, const EngineSettings& settings, ChunkSource& source,
          const ProgressCallback& progress, std::stop_token stop, std::vector<RestorePlan> plans,
          const AutoSettings& automatic);

  Result<RestoreStats> run();

 private:
  Result<void> restore_chunks();
  Result<void> leave_what_targets_hold();
  void follow(std::vector<RestorePlan> plans);
  void start();
  Result<void> write_zeros_here();
  [[nodiscard]] bool zeros_come_first(std::uint32_t image) const;

  void refill();
  [[nodiscard]] std::size_t depth_in_use() const;
  // Where slots are what the depth counts, whoever holds one may fetch.
  [[nodiscard]] bool may_fetch() const {
    return settings_.decode_on != DecodeOn::lanes || undecoded_ < depth_;
  }
  bool join_fetch_in_flight(const PlannedChunk& chunk);
  void issue(Slot& slot);
  void hand_on_decoded(Slot& slot);
  void keep_in_cache(const Slot& slot);

  Result<void> settle(Finished& finished);
  Result<void> settle_zeros(const Finished& finished);
  Result<void> write(Slot& slot);
  Result<void> settle_written(Slot& slot, const Result<void>& outcome);
  void release(Slot& slot);

  void tune(std::uint64_t bytes);
  [[nodiscard]] StageTotals totals();
  void apply_tuning();
  void count_written(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes, bool zero);
  void shut_down(bool cancel);
  RestoreStats statistics(TimePoint last_write);

  const std::vector<ImageTarget>& images_;
  const EngineSettings settings_;
  ChunkSource& source_;
  const ProgressCallback& progress_;
  const std::stop_token stop_;
  const SteadyClock clock_;

  ChunkOrder order_{std::vector<RestorePlan>{}};
  const std::unique_ptr<HotChunkCache> cache_;
  std::optional<DepthTuner> tuner_;
  SlotPool slots_;
  std::unordered_map<Digest, Slot*, DigestHash> in_flight_;  // where fetches are shared
  Queue<Finished> finished_;
  const SlotHandler arrived_;
  FetchStage fetch_;
  DecodeStage decode_;  // after the slots: it must end before they do
  WriteStage write_;

  std::vector<Slot*> again_;               // whose data was bad: to be fetched once more
  std::size_t depth_;                      // permitted now
  std::atomic<std::size_t> undecoded_{0};  // fetches whose blob has not been decoded; counted for lanes
  std::size_t zero_runs_left_ = 0;
  RestoreTally tally_;
};

}  // namespace depthfinder
