// SPDX-License-Identifier: MIT
// A server on a machine of its own is never kept waiting by the restore that it serves; a mock that shares its cores with
// one is, by milliseconds, and no latency that it serves can be trusted then. So its threads ask to go first.
#pragma once

#include <string_view>

namespace depthfinder::mock {

// For the calling thread, as far as the system permits: "real-time" (SCHED_RR, lowest priority), "raised" (nice -10) or
// "normal". The literal says what it became.
std::string_view raise_thread_priority();

}  // namespace depthfinder::mock
