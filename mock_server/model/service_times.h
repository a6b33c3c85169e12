// SPDX-License-Identifier: MIT
// ServiceTimes: what a model, or a stage of it, answers for one request. A plain value.
#pragma once

#include "restore_core/base/clock.h"

namespace depthfinder::mock {

struct ServiceTimes {
  TimePoint start;  // of the service proper: after waiting for admission and for a free server
  TimePoint ready;  // when the answer may leave
};

}  // namespace depthfinder::mock
