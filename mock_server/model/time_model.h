// SPDX-License-Identifier: MIT
// TimeModel: when the answer to a request is ready, by all the time models of a ServerSpec one after another
// (README.md in this folder has the formulas). One model serves all connections; any thread may call it. It takes time
// as an argument, has no clock and does no I/O; its randomness is a function of the seed and of the request's ordinal,
// so that the same requests in the same order get the same times.
#pragma once

#include <memory>

#include "mock_server/model/request_info.h"
#include "mock_server/model/service_times.h"
#include "restore_core/base/clock.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

class TimeModel {
 public:
  explicit TimeModel(const ServerSpec& spec);
  ~TimeModel();
  TimeModel(const TimeModel&) = delete;
  TimeModel& operator=(const TimeModel&) = delete;

  // A request for a chunk. arrival <= start <= ready.
  [[nodiscard]] ServiceTimes chunk(const RequestInfo& request, TimePoint arrival);
  // Any other request: the round trip with its jitter, nothing that storage does. `ordinal` makes it random.
  [[nodiscard]] TimePoint other(std::uint64_t ordinal, TimePoint arrival) const;

  // As it was at the start: empty queues, the cache cold or warm as the spec says, the disks' heads at rest.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace depthfinder::mock
