// SPDX-License-Identifier: MIT
#include "mock_server/protocol/metrics.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

double busiest_share(Metrics& metrics) {
  Behaviour behaviour{ServerSpec{}};
  return nlohmann::json::parse(metrics.json(behaviour)).at("busiest_connection_cpu_share").get<double>();
}

TEST(Metrics, TheBusiestConnectionCountsAfterItsEnd) {
  Metrics metrics;
  metrics.record_load(1, 60ms, 100ms);
  metrics.record_load(2, 10ms, 100ms);
  metrics.record_load(1, 20ms, 100ms);  // 40 % now
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0.4);
  metrics.end_load(1);
  metrics.end_load(7);  // which never had a request
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0.4);
  metrics.record_load(2, 90ms, 100ms);
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0.5);
  metrics.reset();
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0);
}

TEST(Metrics, AConnectionThatWasShortlyBusySaysNothing) {
  Metrics metrics;
  metrics.record_load(1, 9ms, 9ms);
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0);
  metrics.end_load(1);
  EXPECT_DOUBLE_EQ(busiest_share(metrics), 0);
}

}  // namespace
}  // namespace depthfinder::mock
