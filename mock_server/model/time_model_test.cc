// SPDX-License-Identifier: MIT
#include "mock_server/model/time_model.h"

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

// A spec in which every stage has a time of its own digit, so that a sum tells which stages were passed.
ServerSpec every_stage() {
  ServerSpec spec;
  spec.latency = 1ms;
  spec.storage = StorageSpec{1, ConstantTime{10ms}, 0};
  spec.disk = DiskSpec{};
  spec.disk->rate_bytes_per_s = 10e6;  // 1 MB: 100 ms
  spec.cache = CacheSpec{};
  spec.cache->size_bytes = 2'000'000;
  spec.cache->time = 20us;
  spec.request_limit = RequestLimitSpec{1, 1};
  spec.first_byte = ConstantTime{3ms};
  spec.load = LoadSpec{2, 100us};
  return spec;
}

RequestInfo megabyte(std::uint64_t ordinal, std::uint64_t position, std::uint64_t in_flight = 1) {
  return {.ordinal = ordinal,
          .bytes = 1000000,
          .in_flight = in_flight,
          .position = position,
          .place = position,
          .digest = test_digest(position)};
}

TEST(TimeModelTest, AnEmptySpecAddsNothing) {
  TimeModel model{ServerSpec{}};
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const ServiceTimes times = model.chunk(megabyte(i, i, 100), at(7ms));
    EXPECT_EQ(times.start, at(7ms));
    EXPECT_EQ(times.ready, at(7ms));
    EXPECT_EQ(model.other(i, at(7ms)), at(7ms));
  }
}

TEST(TimeModelTest, OneStageAtATime) {
  struct Row {
    std::string name;
    std::function<void(ServerSpec&)> set;
    Nanoseconds start, ready;  // of the second of two requests that arrive at 0, five being in flight
  };
  const std::vector<Row> rows = {
      {"latency", [](ServerSpec& s) { s.latency = 25ms; }, 0ms, 25ms},
      {"connect", [](ServerSpec& s) { s.connect = 25ms; }, 0ms, 0ms},
      {"storage",
       [](ServerSpec& s) {
         s.storage = StorageSpec{1, ConstantTime{5ms}, 0};
       },
       5ms, 10ms},
      {"two servers",
       [](ServerSpec& s) {
         s.storage = StorageSpec{2, ConstantTime{5ms}, 0};
       },
       0ms, 5ms},
      {"storage rate",
       [](ServerSpec& s) {
         s.storage = StorageSpec{1, {}, 1e9};
       },
       1ms, 2ms},
      {"disk",
       [](ServerSpec& s) {
         s.disk = DiskSpec{};
         s.disk->rate_bytes_per_s = 1e9;
         s.disk->rotation = 8ms;
       },
       1ms, 12ms},  // 1 ms of reading, 4/2 turns of 5 ms
      {"limit",
       [](ServerSpec& s) {
         s.request_limit = RequestLimitSpec{100, 1};
       },
       10ms, 10ms},
      {"first byte", [](ServerSpec& s) { s.first_byte = ConstantTime{30ms}; }, 0ms, 30ms},
      {"load",
       [](ServerSpec& s) {
         s.load = LoadSpec{3, 1ms};
       },
       0ms, 2ms},
      {"little load",
       [](ServerSpec& s) {
         s.load = LoadSpec{5, 1ms};
       },
       0ms, 0ms},
      {"replay",
       [](ServerSpec& s) {
         s.replay = {3ms, 4ms};
       },
       0ms, 4ms},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ServerSpec spec;
    row.set(spec);
    TimeModel model(spec);
    (void)model.chunk(megabyte(1, 0, 5), at(0ms));
    const ServiceTimes times = model.chunk(megabyte(2, 1, 5), at(0ms));
    EXPECT_EQ(times.start, at(row.start));
    EXPECT_EQ(times.ready, at(row.ready));
  }
}

TEST(TimeModelTest, StagesFollowEachOther) {
  TimeModel model(every_stage());
  // Storage 10, disk 100, first byte 3, latency 1.
  ServiceTimes times = model.chunk(megabyte(1, 0), at(0ms));
  EXPECT_EQ(times.start, at(0ms));
  EXPECT_EQ(times.ready, at(114ms));
  // A hit: 20 us and the latency; it takes no token and no place at storage.
  times = model.chunk(megabyte(2, 0), at(1ms));
  EXPECT_EQ(times.start, at(1ms));
  EXPECT_EQ(times.ready, at(2020us));
  // A miss waits for its token first; five in flight are three too many.
  times = model.chunk(megabyte(3, 1, 5), at(2ms));
  EXPECT_EQ(times.start, at(1s));
  EXPECT_EQ(times.ready, at(1114300us));
  // Hits feel the load as well.
  EXPECT_EQ(model.chunk(megabyte(4, 1, 5), at(3ms)).ready, at(3ms + 20us + 300us + 1ms));
}

TEST(TimeModelTest, TheStartIsWhenTheFirstServerBegan) {
  ServerSpec spec = every_stage();
  spec.cache.reset();
  spec.request_limit.reset();
  TimeModel both(spec);
  (void)both.chunk(megabyte(1, 0), at(0ms));
  EXPECT_EQ(both.chunk(megabyte(2, 1), at(0ms)).start, at(10ms));  // storage; the disk begins at 110 ms
  spec.storage.reset();
  TimeModel disk(spec);
  (void)disk.chunk(megabyte(1, 0), at(0ms));
  EXPECT_EQ(disk.chunk(megabyte(2, 1), at(0ms)).start, at(100ms));
}

TEST(TimeModelTest, JitterIsUniformAroundTheLatency) {
  ServerSpec spec;
  spec.latency = 20ms;
  spec.jitter = 5ms;
  TimeModel model(spec);
  double chunk_sum_ms = 0, other_sum_ms = 0, product = 0;
  Nanoseconds least = 1h, most = 0ms;
  constexpr int kDraws = 20'000;
  for (std::uint64_t i = 1; i <= kDraws; ++i) {
    const Nanoseconds chunk = model.chunk(megabyte(i, i), at(0ms)).ready - at(0ms);
    const double other_ms = to_seconds(model.other(i, at(0ms)) - at(0ms)) * 1e3;
    least = std::min(least, chunk);
    most = std::max(most, chunk);
    chunk_sum_ms += to_seconds(chunk) * 1e3;
    other_sum_ms += other_ms;
    product += (to_seconds(chunk) * 1e3 - 20) * (other_ms - 20);
  }
  // sd = 10 / sqrt(12) = 2.89 ms: four standard errors are 0.082 ms; of the product 8.33 * 4 / sqrt(20000) = 0.24.
  EXPECT_NEAR(chunk_sum_ms / kDraws, 20, 0.082);
  EXPECT_NEAR(other_sum_ms / kDraws, 20, 0.082);
  EXPECT_NEAR(product / kDraws, 0, 0.24);
  EXPECT_GE(least, 15ms);
  EXPECT_LT(least, 15'010us);
  EXPECT_LE(most, 25ms);
  EXPECT_GT(most, 24'990us);
}

TEST(TimeModelTest, JitterNeverTurnsTimeBack) {
  ServerSpec spec;
  spec.latency = 1ms;
  spec.jitter = 100ms;
  TimeModel model(spec);
  for (std::uint64_t i = 1; i <= 1000; ++i) EXPECT_GE(model.chunk(megabyte(i, i), at(0ms)).ready, at(0ms));
}

TEST(TimeModelTest, ReplayGivesTheWaitsInOrderAndNothingElse) {
  ServerSpec spec = every_stage();
  spec.replay = {3ms, 0ms, 8ms};
  TimeModel model(spec);
  const std::vector<Nanoseconds> expected = {3ms, 0ms, 8ms, 3ms, 0ms, 8ms, 3ms};
  for (std::uint64_t i = 1; i <= expected.size(); ++i) {
    const ServiceTimes times = model.chunk(megabyte(i, i, 50), at(1ms));
    EXPECT_EQ(times.start, at(1ms));
    EXPECT_EQ(times.ready, at(1ms) + expected[i - 1]);
  }
  EXPECT_EQ(model.chunk(megabyte(6, 0), at(1ms)).ready, at(9ms));  // by ordinal, not by call
}

TEST(TimeModelTest, OtherRequestsTakeTheRoundTripOnly) {
  TimeModel model(every_stage());
  for (std::uint64_t i = 1; i <= 20; ++i) EXPECT_EQ(model.other(i, at(5ms)), at(6ms));
}

// Binomial: four standard deviations of 20000 draws.
TEST(TimeModelTest, AShareOfTheRequestsHitsTheCache) {
  ServerSpec spec;
  spec.storage = StorageSpec{1000, ConstantTime{10ms}, 0};
  spec.cache = CacheSpec{};
  spec.cache->hit_share = 0.8;
  spec.cache->time = 100us;
  TimeModel model(spec);
  int hits = 0;
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    const TimePoint arrival = at(i * 1ms);
    const Nanoseconds wait = model.chunk(megabyte(i, i), arrival).ready - arrival;
    EXPECT_TRUE(wait == 100us || wait == 10ms);
    hits += wait == 100us;
  }
  EXPECT_NEAR(hits / 20'000.0, 0.8, 0.0114);
}

// What is random about one stage does not depend on whether another is there.
TEST(TimeModelTest, StagesDrawApart) {
  ServerSpec spec;
  spec.first_byte = ExponentialTime{10ms};
  TimeModel plain(spec);
  spec.storage = StorageSpec{1'000, ExponentialTime{10ms}, 0};
  TimeModel with_storage(spec);
  spec.first_byte.reset();
  TimeModel storage_only(spec);
  bool all_alike = true;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const Nanoseconds first_byte = plain.chunk(megabyte(i, i), at(0s)).ready - at(0s);
    const Nanoseconds storage = storage_only.chunk(megabyte(i, i), at(0s)).ready - at(0s);
    EXPECT_EQ(with_storage.chunk(megabyte(i, i), at(0s)).ready - at(0s), first_byte + storage);
    all_alike = all_alike && first_byte == storage;
  }
  EXPECT_FALSE(all_alike);
}

ServerSpec random_everywhere(std::uint64_t seed) {
  ServerSpec spec = every_stage();
  spec.jitter = 1ms;
  spec.storage->time = LogNormalTime{10ms, 0.5};
  spec.first_byte = ParetoTime{1ms, 1s, 1.2};
  spec.cache->warm = true;
  spec.request_limit = RequestLimitSpec{50, 5};
  spec.disk->layout = DiskSpec::Layout::scattered;
  spec.seed = seed;
  return spec;
}

std::vector<TimePoint> run(TimeModel& model) {
  std::vector<TimePoint> times;
  for (std::uint64_t i = 1; i <= 300; ++i) {
    const ServiceTimes chunk = model.chunk(megabyte(i, i % 40, i % 7 + 1), at(i * 5ms));
    times.insert(times.end(), {chunk.start, chunk.ready, model.other(i, at(i * 5ms))});
  }
  return times;
}

TEST(TimeModelTest, TheSameRequestsGetTheSameTimesAlsoAfterAReset) {
  TimeModel model(random_everywhere(1)), again(random_everywhere(1)), other(random_everywhere(2));
  const std::vector<TimePoint> first = run(model);
  EXPECT_EQ(run(again), first);
  EXPECT_NE(run(other), first);
  EXPECT_NE(run(model), first);  // queues, heads and cache are as the first run left them
  model.reset();
  EXPECT_EQ(run(model), first);
}

TEST(TimeModelTest, AnyThreadMayAsk) {
  ServerSpec spec;
  spec.storage = StorageSpec{1, ConstantTime{1ms}, 0};
  TimeModel model(spec);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&model] {
        for (std::uint64_t i = 1; i <= 500; ++i) (void)model.chunk(megabyte(i, i), at(0ms));
      });
  }
  EXPECT_EQ(model.chunk(megabyte(1, 1), at(0ms)).start, at(2000ms));
}

}  // namespace
}  // namespace depthfinder::mock
