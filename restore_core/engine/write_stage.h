// SPDX-License-Identifier: MIT
// WriteStage: writes verified payloads, and the zero runs when no payload is ready, on threads of its own. Payloads
// that are neighbours in the image go to the sink in one call. The restore owns it; take() may be called from any
// thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "restore_core/engine/decode_stage.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/stage_clocks.h"

namespace depthfinder {

// Writes what the slot holds where its chunk belongs.
Result<void> write_chunk(const ImageTarget& image, const Slot& slot);
Result<void> write_zero_run(const ImageTarget& image, const ZeroRun& run);

class WriteStage {
 public:
  // Called for everything written, or not: exactly one of the two is set. On a writer's thread; must not block.
  struct Written {
    Slot* slot = nullptr;
    const ZeroRun* zeros = nullptr;
    Result<void> outcome;
  };
  using Handler = std::function<void(Written)>;

  WriteStage(const std::vector<ImageTarget>& images, const Clock& clock, Handler written)
      : images_(images), clock_(clock), written_(std::move(written)), writing_(images.size(), 0) {}
  ~WriteStage() { shut_down(); }
  WriteStage(const WriteStage&) = delete;
  WriteStage& operator=(const WriteStage&) = delete;

  // `zeros` outlive the stage. Throws std::system_error where the system permits no more threads.
  void start(int threads, std::vector<const ZeroRun*> zeros);

  // A slot with a payload. Dropped after shut_down().
  void take(Slot& slot);

  // No write begins any more; those under way are waited for.
  void shut_down();

  [[nodiscard]] StageWork work() const { return {Nanoseconds(busy_ns_), Nanoseconds(waited_ns_)}; }

 private:
  struct Place {
    std::uint32_t image;
    std::size_t position;
    auto operator<=>(const Place&) const = default;
  };
  // Neighbouring slots of one image, or one run of zeros; none of both: the thread ends.
  struct Task {
    std::uint32_t image = 0;
    std::vector<Slot*> slots;
    const ZeroRun* zeros = nullptr;
  };

  void run();
  Task next_task();
  bool find_task(Task& task) DF_REQUIRES(mutex_);
  [[nodiscard]] bool image_is_free(std::uint32_t image) const DF_REQUIRES(mutex_);
  void take_neighbours(std::map<Place, Slot*>::iterator first, Task& task) DF_REQUIRES(mutex_);
  Result<void> write(const Task& task);
  void finish_task(std::uint32_t image, bool succeeded);

  const std::vector<ImageTarget>& images_;
  const Clock& clock_;
  const Handler written_;

  Mutex mutex_;
  ConditionVariable changed_;
  std::map<Place, Slot*> ready_ DF_GUARDED_BY(mutex_);
  std::vector<const ZeroRun*> zeros_ DF_GUARDED_BY(mutex_);  // the next one last
  std::vector<int> writing_ DF_GUARDED_BY(mutex_);           // threads within each image's sink
  bool closed_ DF_GUARDED_BY(mutex_) = false;

  std::atomic<std::int64_t> busy_ns_{0};
  std::atomic<std::int64_t> waited_ns_{0};
  std::vector<std::jthread> threads_;
};

}  // namespace depthfinder
