// SPDX-License-Identifier: MIT
#include "mock_server/protocol/body_pace.h"

namespace depthfinder::mock {

namespace {
constexpr Nanoseconds kDripInterval = std::chrono::milliseconds(10);
}  // namespace

BodyPace body_pace(const FaultSpec& fault, std::size_t bytes, Nanoseconds elapsed) {
  using Then = BodyLimit::Then;
  switch (fault.kind) {
    case FaultKind::connection_reset:
      return {{bytes / 2, Then::cut_connection}, {}};
    case FaultKind::stream_reset:
      return {{bytes / 2, Then::reset_stream}, {}};
    case FaultKind::stall:
      if (elapsed >= fault.duration) return {};
      return {{bytes / 2, Then::wait}, fault.duration - elapsed};
    case FaultKind::drip: {
      const double allowed = fault.rate_bytes_per_s * to_seconds(elapsed);
      if (allowed >= static_cast<double>(bytes)) return {};
      return {{static_cast<std::size_t>(allowed), Then::wait}, kDripInterval};
    }
    default:
      return {};
  }
}

}  // namespace depthfinder::mock
