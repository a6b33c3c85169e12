// SPDX-License-Identifier: MIT
// Measures what quiet_host.h judges: load average, time used and stolen from /proc/stat, and how long equal pieces of CPU
// work take, for about a second. Runs on the calling thread; what cannot be read is absent, never guessed.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "harness/quiet_host.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Errors: cancelled.
Result<HostNoise> probe_host(const std::stop_token& stop);

// The first line of /proc/stat (proc(5)), in ticks of all CPUs.
struct CpuTicks {
  std::uint64_t busy = 0, steal = 0, total = 0;
};
std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat);

}  // namespace depthfinder
