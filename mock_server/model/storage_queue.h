// SPDX-License-Identifier: MIT
// StorageQueue: one queue, first come first served, in front of equal servers. It is a virtual clock: it knows when
// each server becomes free, nothing else, and answers at once. Its owner locks, and draws the times of service.
#pragma once

#include <vector>

#include "mock_server/model/service_times.h"

namespace depthfinder::mock {

class StorageQueue {
 public:
  // At least one server.
  explicit StorageQueue(int servers);

  // Requests are served in the order of these calls: start = the later of `arrival` and the earliest time at which a
  // server is free, ready = start + service.
  [[nodiscard]] ServiceTimes serve(TimePoint arrival, Nanoseconds service);

 private:
  std::vector<TimePoint> free_at_;  // a heap, the earliest in front
};

}  // namespace depthfinder::mock
