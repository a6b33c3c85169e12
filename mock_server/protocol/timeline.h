// SPDX-License-Identifier: MIT
// Timelines: what happened to each request when, as the audit and clocks outside want it. TimelineLog keeps the latest
// of them in fixed memory; any thread may record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

struct RequestTimeline {
  std::uint64_t connection = 0;  // the server's n-th, from 1
  std::int32_t stream = 0;
  std::uint64_t ordinal = 0;  // of a chunk request; 0 for others
  std::string_view route;     // a fixed name
  int status = 0;
  std::uint64_t bytes = 0;  // of the body
  std::optional<FaultKind> fault;
  TimePoint arrival{};        // its HEADERS were read
  TimePoint service_start{};  // by the time model
  TimePoint ready{};          // by the time model: when the answer was to leave
  // What its way was estimated to cost at its arrival; a replay takes that off its wait.
  Nanoseconds path_delay{0};
  // When it was let go to its connection, and when its first bytes (HEADERS) and its last byte were handed to the
  // kernel; none where it did not come to that.
  std::optional<TimePoint> released, first_byte, last_byte;
};

class TimelineLog {
 public:
  // Some 10 MB when full.
  static constexpr std::size_t kKept = 65536;

  void record(const RequestTimeline& timeline);
  void clear();

  // {"dropped", "requests": [{..., "arrival_unix_ns", ...}]}, in the order they ended, at most the latest `limit`.
  // Times are Unix times, by the offset between the clocks at the moment of the call.
  [[nodiscard]] std::string json(std::size_t limit);

  // The same of the chunk requests that were answered in full: those that arrived first, at most `limit`, by arrival.
  // "dropped" counts requests that memory had no room for, so that earlier ones may be missing.
  [[nodiscard]] std::string earliest_chunks_json(std::size_t limit);

 private:
  Mutex mutex_;
  std::vector<RequestTimeline> ring_ DF_GUARDED_BY(mutex_);
  std::uint64_t recorded_ DF_GUARDED_BY(mutex_) = 0;
};

}  // namespace depthfinder::mock
