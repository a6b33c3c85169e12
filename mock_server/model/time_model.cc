// SPDX-License-Identifier: MIT
#include "mock_server/model/time_model.h"

namespace depthfinder::mock {

struct TimeModel::State {
  ServerSpec spec;
};

TimeModel::TimeModel(const ServerSpec& spec) : state_(std::make_unique<State>(State{spec})) {}
TimeModel::~TimeModel() = default;

ServiceTimes TimeModel::chunk(const RequestInfo&, TimePoint arrival) {
  return {arrival, arrival + state_->spec.latency};
}

TimePoint TimeModel::other(std::uint64_t, TimePoint arrival) const { return arrival + state_->spec.latency; }

void TimeModel::reset() {}

}  // namespace depthfinder::mock
