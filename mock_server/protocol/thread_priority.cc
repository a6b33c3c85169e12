// SPDX-License-Identifier: MIT
#include "mock_server/protocol/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>

namespace depthfinder::mock {

std::string_view raise_thread_priority() {
  constexpr int kRaisedNice = -10;
  sched_param parameters{};
  parameters.sched_priority = sched_get_priority_min(SCHED_RR);
  // 0: the calling thread, for both calls on Linux.
  if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0) return "real-time";
  if (setpriority(PRIO_PROCESS, 0, kRaisedNice) == 0) return "raised";
  return "normal";
}

}  // namespace depthfinder::mock
