// SPDX-License-Identifier: MIT
#include "harness/audit.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace depthfinder {

BlockAudit audit_block(int block, const MockMetrics& metrics) {
  BlockAudit audit;
  audit.block = block;
  audit.mock_cpu_user_s = metrics.cpu_user_s;
  audit.mock_cpu_sys_s = metrics.cpu_sys_s;
  audit.chunk_requests = metrics.chunk_requests;
  audit.bytes_served = metrics.chunk_bytes;
  audit.latency_asked_ms = metrics.latency_asked_ms;
  audit.latency_served_p50_ms = metrics.latency_p50_ms;
  audit.latency_served_p99_ms = metrics.latency_p99_ms;

  const double p50_off_ms = std::abs(metrics.latency_p50_ms - metrics.latency_asked_ms);
  const double p99_off_ms = std::abs(metrics.latency_p99_ms - metrics.latency_asked_ms);
  const bool p50_good = p50_off_ms <= std::max(0.02 * metrics.latency_asked_ms, 0.1);
  const bool p99_good = p99_off_ms <= std::max(0.05 * metrics.latency_asked_ms, 0.5);
  audit.on_target = p50_good && p99_good;
  audit.reason = fmt::format("p50 {:.2f} ms off ({}), p99 {:.2f} ms off ({})", p50_off_ms,
                             p50_good ? "within max(2 %, 0.1 ms)" : "allowed: max(2 %, 0.1 ms)", p99_off_ms,
                             p99_good ? "within max(5 %, 0.5 ms)" : "allowed: max(5 %, 0.5 ms)");
  return audit;
}

}  // namespace depthfinder
