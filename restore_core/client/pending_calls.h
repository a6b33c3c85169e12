// SPDX-License-Identifier: MIT
// PendingCalls: waits for a number of asynchronous calls, until all have succeeded or one has failed. Made by the caller
// that waits, who sees to it that all have ended before it goes; end() may come from any thread.
#pragma once

#include <optional>

#include "restore_core/base/mutex.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class PendingCalls {
 public:
  explicit PendingCalls(std::size_t count) : pending_(count) {}

  // One of them has ended; the call touches this object no more once the last one has.
  void end(const Result<void>& outcome);

  // Until all have succeeded, or one has failed, whose error it returns at once.
  Result<void> wait();

  [[nodiscard]] bool all_ended();

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::size_t pending_ DF_GUARDED_BY(mutex_);
  std::optional<Error> first_error_ DF_GUARDED_BY(mutex_);
};

}  // namespace depthfinder
