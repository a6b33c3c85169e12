// SPDX-License-Identifier: MIT
#include "mock_server/protocol/timeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "scenarios/server_spec_loader.h"

namespace depthfinder::mock {

namespace {

using nlohmann::ordered_json;

ordered_json to_json(const RequestTimeline& timeline, Nanoseconds unix_offset) {
  const auto unix_ns = [&](TimePoint at) { return (at.time_since_epoch() + unix_offset).count(); };
  const auto optional_ns = [&](const std::optional<TimePoint>& at) {
    return at ? ordered_json(unix_ns(*at)) : ordered_json(nullptr);
  };
  ordered_json json = {{"connection", timeline.connection},
                       {"stream", timeline.stream},
                       {"ordinal", timeline.ordinal},
                       {"route", timeline.route},
                       {"status", timeline.status},
                       {"bytes", timeline.bytes},
                       {"arrival_unix_ns", unix_ns(timeline.arrival)},
                       {"service_start_unix_ns", unix_ns(timeline.service_start)},
                       {"ready_unix_ns", unix_ns(timeline.ready)},
                       {"path_delay_ns", timeline.path_delay.count()},
                       {"released_unix_ns", optional_ns(timeline.released)},
                       {"first_byte_unix_ns", optional_ns(timeline.first_byte)},
                       {"last_byte_unix_ns", optional_ns(timeline.last_byte)}};
  if (timeline.fault) json["fault"] = fault_kind_name(*timeline.fault);
  return json;
}

Nanoseconds steady_to_unix() {
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Nanoseconds>(unix_time) - SteadyClock().now().time_since_epoch();
}

}  // namespace

void TimelineLog::record(const RequestTimeline& timeline) {
  MutexLock lock(mutex_);
  if (ring_.size() < kKept)
    ring_.push_back(timeline);
  else
    ring_[recorded_ % kKept] = timeline;
  ++recorded_;
}

void TimelineLog::clear() {
  MutexLock lock(mutex_);
  ring_.clear();
  recorded_ = 0;
}

std::string TimelineLog::json(std::size_t limit) {
  const Nanoseconds offset = steady_to_unix();
  ordered_json requests = ordered_json::array();
  std::uint64_t dropped = 0;
  {
    MutexLock lock(mutex_);
    const std::size_t count = std::min(limit, ring_.size());
    dropped = recorded_ - count;
    for (std::uint64_t i = recorded_ - count; i < recorded_; ++i)
      requests.push_back(to_json(ring_[i % kKept], offset));
  }
  return ordered_json{{"dropped", dropped}, {"requests", std::move(requests)}}.dump();
}

std::string TimelineLog::earliest_chunks_json(std::size_t limit) {
  const Nanoseconds offset = steady_to_unix();
  std::vector<RequestTimeline> chunks;
  std::uint64_t dropped = 0;
  {
    MutexLock lock(mutex_);
    dropped = recorded_ - ring_.size();
    std::copy_if(ring_.begin(), ring_.end(), std::back_inserter(chunks), [](const RequestTimeline& request) {
      return request.ordinal > 0 && request.status == 200 && request.first_byte && request.last_byte;
    });
  }
  std::sort(chunks.begin(), chunks.end(), [](const RequestTimeline& a, const RequestTimeline& b) {
    return std::pair(a.arrival, a.ordinal) < std::pair(b.arrival, b.ordinal);
  });
  ordered_json requests = ordered_json::array();
  for (std::size_t i = 0; i < std::min(limit, chunks.size()); ++i)
    requests.push_back(to_json(chunks[i], offset));
  return ordered_json{{"dropped", dropped}, {"requests", std::move(requests)}}.dump();
}

}  // namespace depthfinder::mock
