// SPDX-License-Identifier: MIT
#include "restore_core/client/pending_calls.h"

#include "restore_core/base/check.h"

namespace depthfinder {

void PendingCalls::end(const Result<void>& outcome) {
  MutexLock lock(mutex_);
  DF_CHECK(pending_ > 0);
  --pending_;
  if (!outcome && !first_error_) first_error_ = outcome.error();
  changed_.notify_all();  // under the lock: whoever waits may destroy this as soon as it is released
}

Result<void> PendingCalls::wait() {
  MutexLock lock(mutex_);
  while (pending_ > 0 && !first_error_) changed_.wait(mutex_);
  if (first_error_) return pass_on(*first_error_);
  return {};
}

bool PendingCalls::all_ended() {
  MutexLock lock(mutex_);
  return pending_ == 0;
}

}  // namespace depthfinder
