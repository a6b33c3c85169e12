// SPDX-License-Identifier: MIT
#include "mock_server/model/storage_queue.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"
#include "mock_server/model/time_model.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

TEST(StorageQueueTest, OneServerServesOneAfterAnother) {
  StorageQueue queue(1);
  struct Row {
    Nanoseconds arrival, service, start, ready;
  };
  const std::vector<Row> rows = {
      {0ms, 10ms, 0ms, 10ms}, {1ms, 5ms, 10ms, 15ms}, {15ms, 1ms, 15ms, 16ms}, {50ms, 2ms, 50ms, 52ms}};
  for (const Row& row : rows) {
    const ServiceTimes times = queue.serve(at(row.arrival), row.service);
    EXPECT_EQ(times.start, at(row.start));
    EXPECT_EQ(times.ready, at(row.ready));
  }
}

TEST(StorageQueueTest, TheEarliestFreeServerTakesTheNext) {
  StorageQueue queue(2);
  EXPECT_EQ(queue.serve(at(0ms), 30ms).ready, at(30ms));
  EXPECT_EQ(queue.serve(at(0ms), 10ms).ready, at(10ms));
  EXPECT_EQ(queue.serve(at(0ms), 10ms).start, at(10ms));
  EXPECT_EQ(queue.serve(at(0ms), 10ms).start, at(20ms));
  EXPECT_EQ(queue.serve(at(0ms), 10ms).start, at(30ms));
}

// D/D/k: k servers of 10 ms, m requests every 10 ms. Without overload none waits; with one too many per round the n-th
// request starts when n/k rounds are over.
TEST(StorageQueueTest, ConstantArrivalsAndServiceAreExact) {
  for (const int servers : {1, 3, 8}) {
    StorageQueue enough(servers), overloaded(servers);
    int overloaded_requests = 0;
    for (int round = 0; round < 200; ++round) {
      for (int i = 0; i < servers; ++i)
        EXPECT_EQ(enough.serve(at(round * 10ms), 10ms).start, at(round * 10ms));
      for (int i = 0; i <= servers; ++i, ++overloaded_requests)
        EXPECT_EQ(overloaded.serve(at(round * 10ms), 10ms).start, at(overloaded_requests / servers * 10ms));
    }
  }
}

// Mean wait of Poisson arrivals in units of the mean service time.
double mean_wait(int servers, double load, const TimeDistribution& service) {
  ServerSpec spec;
  spec.storage = StorageSpec{servers, service, 0};
  TimeModel model(spec);
  Random random(11);
  constexpr std::uint64_t kArrivals = 200'000;
  double now_ms = 0, waits_ms = 0;
  for (std::uint64_t i = 1; i <= kArrivals; ++i) {
    now_ms += -10.0 / (servers * load) * std::log(1 - random.uniform());
    const TimePoint arrival = at(from_seconds(now_ms / 1e3));
    waits_ms += to_seconds(model.chunk(test_request(i), arrival).start - arrival) * 1e3;
  }
  return waits_ms / 10.0 / kArrivals;
}

// M/M/k waits C / (k (1 - load)) on average, C being Erlang's formula; M/D/1 waits half as long as M/M/1.
TEST(StorageQueueTest, MeanWaitIsErlangs) {
  EXPECT_NEAR(mean_wait(1, 0.5, ExponentialTime{10ms}), 1.0, 0.04);
  EXPECT_NEAR(mean_wait(1, 0.5, ConstantTime{10ms}), 0.5, 0.02);
  EXPECT_NEAR(mean_wait(4, 0.8, ExponentialTime{10ms}), 0.74554, 0.04);
}

TEST(StorageQueueTest, AServersRateAddsToItsTime) {
  ServerSpec spec;
  spec.storage = StorageSpec{1, ConstantTime{5ms}, 100e6};
  TimeModel model(spec);
  EXPECT_EQ(model.chunk(test_request(1, 1'000'000), at(0ms)).ready, at(15ms));
  const ServiceTimes second = model.chunk(test_request(2, 2'000'000), at(1ms));
  EXPECT_EQ(second.start, at(15ms));
  EXPECT_EQ(second.ready, at(40ms));
}

}  // namespace
}  // namespace depthfinder::mock
