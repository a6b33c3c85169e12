// SPDX-License-Identifier: MIT
// Metrics: what the server has served, for the audit of every trial, and its JSON (GET /depthfinder/metrics). Any thread
// may record; nothing here is on the path of a byte, only of a request.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "mock_server/model/latency_histogram.h"
#include "mock_server/protocol/behaviour.h"
#include "mock_server/protocol/timeline.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

class Metrics {
 public:
  // `route` is one of a few fixed names, never what a client sent.
  void record_request(std::string_view route, int status);
  // A chunk that was let go to its connection. `in_flight`: requests unanswered when it arrived.
  void record_chunk_released(const RequestTimeline& timeline, std::uint64_t in_flight);
  // A chunk whose last byte was handed to the kernel.
  void record_chunk_sent(const RequestTimeline& timeline);
  // What a connection's thread did since it last said so: CPU time, and time with requests open.
  void record_load(std::uint64_t connection, Nanoseconds cpu, Nanoseconds open);
  // The last of a connection: what stays of it is its share, if it was the busiest.
  void end_load(std::uint64_t connection);

  // `priority`: what raise_thread_priority() said on its thread.
  void connection_opened(std::string_view priority);
  void connection_closed();

  // The counters, CPU times too, start again; open connections stay.
  void reset();

  // One JSON object, with what `behaviour` was asked for and what its link and faults did.
  [[nodiscard]] std::string json(Behaviour& behaviour);

 private:
  struct Load {
    Nanoseconds cpu{0}, open{0};
  };
  struct Counters {
    std::map<std::pair<std::string, int>, std::uint64_t> requests;
    std::uint64_t connections_total = 0;
    std::uint64_t chunks = 0;
    std::uint64_t chunk_bytes = 0;
    std::uint64_t in_flight_max = 0;
    LatencyHistogram asked, served, lateness, first_byte, last_byte;
    std::map<std::uint64_t, Load> loads;                 // by connection, of those that are open
    double busiest_ended_share = 0;                      // of those that have ended
    double cpu_user_before_s = 0, cpu_sys_before_s = 0;  // used before the counters started
  };

  [[nodiscard]] static double cpu_share(const Load& load);
  [[nodiscard]] static double busiest_cpu_share(const Counters& counters);

  Mutex mutex_;
  Counters counters_ DF_GUARDED_BY(mutex_);
  std::uint64_t connections_open_ DF_GUARDED_BY(mutex_) = 0;
  std::string_view priority_ DF_GUARDED_BY(mutex_) = "normal";
};

}  // namespace depthfinder::mock
