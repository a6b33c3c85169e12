// SPDX-License-Identifier: MIT
#include "restore_core/client/latency_sample.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TimePoint at(int milliseconds) { return TimePoint(std::chrono::milliseconds(milliseconds)); }

RequestAttempt answered(int sent, int first_byte, int ended, std::uint64_t bytes) {
  return {at(sent), at(first_byte), at(ended), bytes, true};
}
RequestAttempt failed(int sent, int ended) { return {at(sent), {}, at(ended), 0, false}; }

TEST(LatencySamples, OfSeveralConnectionsComeInOrderOfSendingWithWhatWasInFlight) {
  // Two connections' attempts, each in the order they ended.
  const std::vector<LatencySample> samples =
      latency_samples({answered(12, 13, 14, 200), answered(10, 20, 30, 100), answered(11, 15, 21, 300),
                       answered(20, 25, 26, 400)});
  EXPECT_EQ(samples, (std::vector<LatencySample>{{at(10), at(20), at(30), 100, 1},
                                                 {at(11), at(15), at(21), 300, 2},
                                                 {at(12), at(13), at(14), 200, 3},
                                                 {at(20), at(25), at(26), 400, 3}}));
}

TEST(LatencySamples, WhatEndsAsAnotherIsSentIsNoLongerInFlight) {
  const std::vector<LatencySample> samples = latency_samples({answered(0, 1, 5, 1), answered(5, 6, 7, 1)});
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[1].in_flight, 1u);
}

TEST(LatencySamples, FailuresAreInFlightAndNoSamples) {
  const std::vector<LatencySample> samples =
      latency_samples({failed(0, 10), failed(1, 4), answered(2, 3, 8, 7), answered(10, 11, 12, 7)});
  EXPECT_EQ(samples,
            (std::vector<LatencySample>{{at(2), at(3), at(8), 7, 3}, {at(10), at(11), at(12), 7, 1}}));
}

TEST(LatencySamples, OfNothingAreNone) { EXPECT_TRUE(latency_samples({}).empty()); }

}  // namespace
}  // namespace depthfinder
