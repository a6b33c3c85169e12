// SPDX-License-Identifier: MIT
// ChunkPipeline: takes slots from "issued" to "finished": fetched, and decoded by whoever the settings name.
// It owns the threads and the queues between them; the consumer owns it, issues and takes. Only wake() may be
// called by another thread. It does not decide when to issue, what to try again, or what to write.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "restore_core/base/queue.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/decoder.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/slot_pool.h"

namespace depthfinder {

class ChunkPipeline {
 public:
  ChunkPipeline(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                const Clock& clock);
  ~ChunkPipeline() { shut_down(Outstanding::none); }
  ChunkPipeline(const ChunkPipeline&) = delete;
  ChunkPipeline& operator=(const ChunkPipeline&) = delete;

  // Starts the threads. Throws std::system_error where the system permits no more.
  void start();

  // Fetches the slot's chunk, or passes it on as finished when it is zero. Throws std::bad_alloc.
  void issue(Slot& slot);

  // The next finished slot, its payload or error in it; waits. Nothing after wake().
  Slot* take();

  // take() returns nothing from now on.
  void wake() { finished_.close(); }

  // Ends everything: no thread runs and no fetch is outstanding afterwards, so that the slots may go. Fetches
  // that are still outstanding are cancelled when asked for; otherwise there must be none.
  enum class Outstanding { none, cancel };
  void shut_down(Outstanding outstanding);

  // After shut_down().
  [[nodiscard]] StageClocks decode_clocks() const;

 private:
  void start_fetch(Slot& slot);
  void on_arrival(Slot& slot, Result<std::size_t> blob_bytes);
  void fetch_and_wait(Slot& slot);
  void decode(Slot& slot, ChunkDecoder& decoder);
  void run_worker(ChunkDecoder& decoder);

  RestoreJob job_;
  EngineSettings settings_;
  ChunkSource& source_;
  const Clock& clock_;

  Queue<Slot*> work_;      // for the threads: arrived (workers) or issued (fetchers)
  Queue<Slot*> finished_;  // for the consumer
  Mutex mutex_;
  ConditionVariable arrived_;
  int outstanding_ DF_GUARDED_BY(mutex_) = 0;

  std::vector<std::unique_ptr<ChunkDecoder>>
      decoders_;  // one per thread; the consumer's own where there is none
  std::vector<std::jthread> threads_;
};

}  // namespace depthfinder
