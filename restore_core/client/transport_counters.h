// SPDX-License-Identifier: MIT
// TransportCounters: what one transport thread counts while others look. Only that thread writes.
#pragma once

#include <atomic>
#include <cstdint>

#include "restore_core/client/chunk_source.h"

namespace depthfinder {

struct TransportCounters {
  std::atomic<std::int64_t> receive_busy_ns{0};
  std::atomic<std::int64_t> receive_wait_ns{0};
  std::atomic<std::uint64_t> wire_bytes{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> copied_bytes{0};

  [[nodiscard]] TransportStats snapshot() const {
    return {Nanoseconds(receive_busy_ns),
            Nanoseconds(receive_wait_ns),
            wire_bytes,
            requests,
            retries,
            copied_bytes};
  }
};

}  // namespace depthfinder
