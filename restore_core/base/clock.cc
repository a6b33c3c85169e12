// SPDX-License-Identifier: MIT
#include "restore_core/base/clock.h"

#include <ctime>

namespace depthfinder {

Nanoseconds thread_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

}  // namespace depthfinder
