// SPDX-License-Identifier: MIT
// Service: what all connections of one server share. Made before the first connection and outliving the last; any
// thread may use it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/transient_blobs.h"
#include "mock_server/protocol/authenticator.h"
#include "mock_server/protocol/behaviour.h"
#include "mock_server/protocol/metrics.h"
#include "mock_server/protocol/stop_signal.h"
#include "mock_server/protocol/timeline.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

struct ServiceOptions {
  ServerSpec server;
  Nanoseconds auth_failure_delay = std::chrono::seconds(3);  // how late the real server sends every 401
};

class Service {
 public:
  Service(std::shared_ptr<const Datastore> store, Secrets secrets, StopSignal stop_signal,
          const ServiceOptions& options)
      : datastore(std::move(store)),
        authenticator(std::move(secrets)),
        auth_failure_delay(options.auth_failure_delay),
        stop(std::move(stop_signal)),
        blobs(*datastore),
        behaviour_(std::make_shared<Behaviour>(options.server)) {}

  [[nodiscard]] std::shared_ptr<Behaviour> behaviour();
  // For the requests that come from now on; counters start again.
  void behave(ServerSpec spec);
  // Counters, timelines and models as at the start.
  void reset();

  // Of the next chunk request: its ordinal, from 1, and the time since the first one.
  struct ChunkTurn {
    std::uint64_t ordinal = 1;
    Nanoseconds since_first{0};
  };
  [[nodiscard]] ChunkTurn next_chunk(TimePoint arrival);

  // The same of the next request for an index or the manifest; nothing has passed before the first chunk.
  [[nodiscard]] ChunkTurn next_file(FaultOn file, TimePoint arrival);

  // What /depthfinder/metrics says.
  [[nodiscard]] std::string metrics_json();

  const std::shared_ptr<const Datastore> datastore;
  Authenticator authenticator;
  Metrics metrics;
  TimelineLog timelines;
  const Nanoseconds auth_failure_delay;
  const StopSignal stop;
  TransientBlobs blobs;
  std::atomic<std::uint64_t> requests_in_flight{0};
  std::atomic<std::uint64_t> next_connection{1};
  std::atomic<std::uint64_t> next_other{1};  // numbers the requests that are for no chunk

 private:
  Mutex mutex_;
  std::shared_ptr<Behaviour> behaviour_ DF_GUARDED_BY(mutex_);
  std::uint64_t chunks_asked_ DF_GUARDED_BY(mutex_) = 0;
  std::map<FaultOn, std::uint64_t> files_asked_ DF_GUARDED_BY(mutex_);
  TimePoint first_chunk_at_ DF_GUARDED_BY(mutex_){};
};

}  // namespace depthfinder::mock
