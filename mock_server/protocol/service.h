// SPDX-License-Identifier: MIT
// Service: what all connections of one server share. Made before the first connection and outliving the last; its
// members are thread-safe each on its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "mock_server/datastore/datastore.h"
#include "mock_server/model/service_model.h"
#include "mock_server/model/shared_link.h"
#include "mock_server/protocol/authenticator.h"
#include "mock_server/protocol/metrics.h"
#include "mock_server/protocol/stop_signal.h"

namespace depthfinder::mock {

struct ServiceOptions {
  Nanoseconds latency{0};
  double rate_bytes_per_s = 0;
  Nanoseconds auth_failure_delay = std::chrono::seconds(3);
};

struct Service {
  Service(std::shared_ptr<const Datastore> store, Secrets secrets, StopSignal stop_signal,
          const ServiceOptions& options)
      : datastore(std::move(store)),
        authenticator(std::move(secrets)),
        model(std::make_unique<ConstantLatency>(options.latency)),
        link(options.rate_bytes_per_s),
        metrics({.latency = options.latency, .rate_bytes_per_s = options.rate_bytes_per_s}),
        auth_failure_delay(options.auth_failure_delay),
        stop(std::move(stop_signal)) {}

  const std::shared_ptr<const Datastore> datastore;
  const Authenticator authenticator;
  const std::unique_ptr<ServiceModel> model;
  SharedLink link;
  Metrics metrics;
  const Nanoseconds auth_failure_delay;  // how late the real server sends every 401
  const StopSignal stop;
  std::atomic<std::uint64_t> requests_in_flight{0};
  std::atomic<std::uint64_t> next_connection{0};  // seeds each connection's random numbers
};

}  // namespace depthfinder::mock
