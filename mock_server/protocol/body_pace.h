// SPDX-License-Identifier: MIT
// body_pace(): how much of a body a fault lets out, and when that changes. Pure.
#pragma once

#include <optional>

#include "mock_server/protocol/http2_server.h"
#include "restore_core/base/clock.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

struct BodyPace {
  BodyLimit limit;
  std::optional<Nanoseconds> changes_in;  // none: it stays so
};

// For a body of `bytes`, `elapsed` after its answer was let go. Kinds that do nothing to a body's pace let all of it out.
[[nodiscard]] BodyPace body_pace(const FaultSpec& fault, std::size_t bytes, Nanoseconds elapsed);

}  // namespace depthfinder::mock
