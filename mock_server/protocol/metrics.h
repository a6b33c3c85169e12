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
#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

struct ConfiguredTimes {
  Nanoseconds latency{0};
  double rate_bytes_per_s = 0;
};

class Metrics {
 public:
  explicit Metrics(ConfiguredTimes configured) : configured_(configured) {}

  // `route` is one of a few fixed names, never what a client sent.
  void record_request(std::string_view route, int status);
  // A chunk whose last frame is on its way to the client.
  void record_chunk_served(std::uint64_t bytes);
  // From the arrival of a chunk request until its answer went to the connection, where it queues behind others and
  // for the link; `asked` is what the time model wanted.
  void record_chunk_latency(Nanoseconds asked, Nanoseconds served);

  void connection_opened();
  void connection_closed();

  // One JSON object; `reset` starts the counters, CPU times too, again after it was made (open connections stay).
  [[nodiscard]] std::string json(bool reset);

 private:
  struct Counters {
    std::map<std::pair<std::string, int>, std::uint64_t> requests;
    std::uint64_t connections_total = 0;
    std::uint64_t chunks = 0;
    std::uint64_t chunk_bytes = 0;
    LatencyHistogram asked, served;
    double cpu_user_before_s = 0, cpu_sys_before_s = 0;  // used before the counters started
  };

  const ConfiguredTimes configured_;
  Mutex mutex_;
  Counters counters_ DF_GUARDED_BY(mutex_);
  std::uint64_t connections_open_ DF_GUARDED_BY(mutex_) = 0;
};

}  // namespace depthfinder::mock
