// SPDX-License-Identifier: MIT
#include "mock_server/model/time_model.h"

#include <optional>

#include "mock_server/model/chunk_cache.h"
#include "mock_server/model/draw.h"
#include "mock_server/model/load_delay.h"
#include "mock_server/model/replay.h"
#include "mock_server/model/request_limit.h"
#include "mock_server/model/round_trip.h"
#include "mock_server/model/spinning_disk.h"
#include "mock_server/model/storage_queue.h"
#include "mock_server/model/time_sampler.h"
#include "restore_core/base/mutex.h"

namespace depthfinder::mock {

namespace {

Nanoseconds drawn(const TimeDistribution& time, std::uint64_t seed, Draw purpose, std::uint64_t ordinal) {
  Random random = random_for(seed, purpose, ordinal);
  return sample(time, random);
}

}  // namespace

struct TimeModel::State {
  // What remembers earlier requests.
  struct Stages {
    explicit Stages(const ServerSpec& spec) {
      if (spec.cache) cache.emplace(*spec.cache);
      if (spec.request_limit) limit.emplace(*spec.request_limit);
      if (spec.storage) storage.emplace(spec.storage->servers);
      if (spec.disk) disk.emplace(*spec.disk);
    }

    std::optional<ChunkCache> cache;
    std::optional<RequestLimit> limit;
    std::optional<StorageQueue> storage;
    std::optional<SpinningDisk> disk;
  };

  explicit State(const ServerSpec& server) : spec(server), stages(std::make_unique<Stages>(server)) {}

  [[nodiscard]] bool cached(const RequestInfo& request) DF_REQUIRES(mutex);
  [[nodiscard]] ServiceTimes read(const RequestInfo& request, TimePoint admitted) DF_REQUIRES(mutex);
  [[nodiscard]] ServiceTimes fetch(const RequestInfo& request, TimePoint arrival) DF_REQUIRES(mutex);

  const ServerSpec spec;
  Mutex mutex;
  std::unique_ptr<Stages> stages DF_GUARDED_BY(mutex);
};

bool TimeModel::State::cached(const RequestInfo& request) {
  if (!stages->cache) return false;
  const double draw = random_for(spec.seed, Draw::cache, request.ordinal).uniform();
  return stages->cache->hit(request.digest, request.bytes, draw);
}

// Storage, then disk: the start is that of the first of them.
ServiceTimes TimeModel::State::read(const RequestInfo& request, TimePoint admitted) {
  ServiceTimes times{admitted, admitted};
  if (stages->storage) {
    const Nanoseconds service = drawn(spec.storage->time, spec.seed, Draw::storage, request.ordinal) +
                                transfer_time(request.bytes, spec.storage->rate_bytes_per_s);
    times = stages->storage->serve(admitted, service);
  }
  if (stages->disk) {
    const ServiceTimes disk = stages->disk->serve(request, times.ready);
    times = {stages->storage ? times.start : disk.start, disk.ready};
  }
  return times;
}

ServiceTimes TimeModel::State::fetch(const RequestInfo& request, TimePoint arrival) {
  if (cached(request)) return {arrival, arrival + spec.cache->time};
  ServiceTimes times = read(request, stages->limit ? stages->limit->admit(arrival) : arrival);
  if (spec.first_byte) times.ready += drawn(*spec.first_byte, spec.seed, Draw::first_byte, request.ordinal);
  return times;
}

TimeModel::TimeModel(const ServerSpec& spec) : state_(std::make_unique<State>(spec)) {}
TimeModel::~TimeModel() = default;

ServiceTimes TimeModel::chunk(const RequestInfo& request, TimePoint arrival) {
  const ServerSpec& spec = state_->spec;
  if (!spec.replay.empty()) return {arrival, arrival + replayed_wait(spec.replay, request)};
  ServiceTimes times;
  {
    MutexLock lock(state_->mutex);
    times = state_->fetch(request, arrival);
  }
  if (spec.load) times.ready += load_delay(*spec.load, request.in_flight);
  Random random = random_for(spec.seed, Draw::jitter, request.ordinal);
  times.ready += round_trip(spec.latency, spec.jitter, random);
  return times;
}

TimePoint TimeModel::other(std::uint64_t ordinal, TimePoint arrival) const {
  Random random = random_for(state_->spec.seed, Draw::other_jitter, ordinal);
  return arrival + round_trip(state_->spec.latency, state_->spec.jitter, random);
}

void TimeModel::reset() {
  MutexLock lock(state_->mutex);
  state_->stages = std::make_unique<State::Stages>(state_->spec);
}

}  // namespace depthfinder::mock
