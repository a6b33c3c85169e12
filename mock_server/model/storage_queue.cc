// SPDX-License-Identifier: MIT
#include "mock_server/model/storage_queue.h"

#include <algorithm>
#include <functional>

#include "restore_core/base/check.h"

namespace depthfinder::mock {

StorageQueue::StorageQueue(int servers) : free_at_(static_cast<std::size_t>(servers), TimePoint::min()) {
  DF_CHECK(servers > 0);
}

ServiceTimes StorageQueue::serve(TimePoint arrival, Nanoseconds service) {
  std::pop_heap(free_at_.begin(), free_at_.end(), std::greater<>());
  const TimePoint start = std::max(arrival, free_at_.back());
  free_at_.back() = start + service;
  std::push_heap(free_at_.begin(), free_at_.end(), std::greater<>());
  return {start, start + service};
}

}  // namespace depthfinder::mock
