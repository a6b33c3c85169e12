// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mock_server/model/model_test_support.h"
#include "mock_server/model/time_model.h"

namespace depthfinder::mock {
namespace {

Nanoseconds any_time() { return Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000)); }

double any_share() { return *rc::gen::inRange(0, 1001) / 1000.0; }

TimeDistribution any_distribution() {
  const Nanoseconds low = any_time(), high = low + any_time();
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return ConstantTime{low};
    case 1:
      return UniformTime{low, high};
    case 2:
      return ExponentialTime{high};
    case 3:
      return LogNormalTime{low, any_share() * 20};
    case 4:
      return ParetoTime{low + Nanoseconds(1), high + Nanoseconds(1), any_share() * 3 + 0.01};
    default:
      return RecordedTime{{{0, low}, {any_share() * 0.9 + 0.05, low}, {1, high}}};
  }
}

DiskSpec any_disk() {
  DiskSpec disk;
  disk.layout = *rc::gen::element(DiskSpec::Layout::sequential, DiskSpec::Layout::scattered);
  disk.disks = *rc::gen::inRange(1, 9);
  disk.rate_bytes_per_s = *rc::gen::inRange(1'000, 1'000'000'000);
  disk.settle = any_time();
  disk.stroke = disk.settle + any_time();
  disk.rotation = any_time();
  disk.reads = *rc::gen::inRange(0, 20);
  disk.span_chunks = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
  return disk;
}

CacheSpec any_cache() {
  CacheSpec cache;
  if (*rc::gen::arbitrary<bool>())
    cache.hit_share = any_share();
  else
    cache.size_bytes = *rc::gen::inRange<std::uint64_t>(1, 100'000'000);
  cache.warm = *rc::gen::arbitrary<bool>();
  cache.time = any_time();
  return cache;
}

ServerSpec any_spec() {
  const auto given = [] { return *rc::gen::arbitrary<bool>(); };
  ServerSpec spec;
  spec.latency = any_time();
  spec.jitter = Nanoseconds(*rc::gen::inRange<std::int64_t>(0, spec.latency.count() + 1));
  if (given())
    spec.storage = StorageSpec{*rc::gen::inRange(1, 65), any_distribution(),
                               static_cast<double>(*rc::gen::inRange(0, 1'000'000'000))};
  if (given()) spec.disk = any_disk();
  if (given()) spec.cache = any_cache();
  if (given()) spec.request_limit = RequestLimitSpec{any_share() * 5000 + 0.1, 1 + any_share() * 100};
  if (given()) spec.first_byte = any_distribution();
  if (given()) spec.load = LoadSpec{*rc::gen::inRange(0, 100), any_time()};
  if (*rc::gen::inRange(0, 10) == 0) spec.replay = {any_time(), any_time()};
  spec.seed = *rc::gen::arbitrary<std::uint64_t>();
  return spec;
}

RC_GTEST_PROP(TimeModelPropertyTest, NothingStartsBeforeItArrivesOrIsReadyBeforeItStarts, ()) {
  const ServerSpec spec = any_spec();
  TimeModel model(spec), again(spec);
  TimePoint arrival = at(Nanoseconds(0));
  for (std::uint64_t i = 1; i <= 100; ++i) {
    RequestInfo request = test_request(i, *rc::gen::inRange<std::uint64_t>(0, 16 << 20));
    request.position = *rc::gen::inRange<std::uint64_t>(0, 50);
    request.digest = test_digest(request.position);
    request.in_flight = *rc::gen::inRange<std::uint64_t>(1, 2000);
    // Threads may come a little out of order.
    arrival += Nanoseconds(*rc::gen::inRange<std::int64_t>(-1'000'000, 50'000'000));
    const ServiceTimes times = model.chunk(request, arrival);
    RC_ASSERT(arrival <= times.start);
    RC_ASSERT(times.start <= times.ready);
    RC_ASSERT(times.ready - arrival < std::chrono::hours(100 * 3));
    RC_ASSERT(model.other(i, arrival) >= arrival);
    RC_ASSERT(again.chunk(request, arrival).ready == times.ready);
  }
}

}  // namespace
}  // namespace depthfinder::mock
