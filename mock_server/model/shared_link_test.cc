// SPDX-License-Identifier: MIT
#include "mock_server/model/shared_link.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

TEST(SharedLinkTest, WithoutLimitEverythingLeavesAtOnce) {
  SharedLink link(0);
  EXPECT_FALSE(link.limited());
  EXPECT_EQ(link.reserve(at(3ms), at(1ms), 1 << 30), at(3ms));
}

TEST(SharedLinkTest, SlicesFollowEachOther) {
  SharedLink link(1e6);  // one byte per microsecond
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 2000), at(3ms));
  EXPECT_EQ(link.reserve(at(3ms), at(3ms), 500), at(3500us));
}

TEST(SharedLinkTest, IdleTimeIsLost) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(100ms), at(100ms), 1000), at(101ms));
}

TEST(SharedLinkTest, LateSenderCatchesUpWithinTheBound) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(4ms), at(1ms), 1000), at(2ms));
  EXPECT_EQ(link.reserve(at(100ms), at(2ms), 1000), at(100ms) - SharedLink::kCatchUpMax + 1ms);
}

// Two senders that wake 30 to 130 microseconds late each time still get exactly the link's rate between them.
TEST(SharedLinkTest, KeepsItsRateWithLateTimers) {
  for (const double rate : {1e8, 1e9}) {
    SharedLink link(rate);
    Random random(7);
    struct Sender {
      TimePoint now = at(0ms), wanted = at(0ms);
    };
    std::vector<Sender> senders(2);
    std::uint64_t sent_bytes = 0;
    TimePoint last = at(0ms);
    for (int i = 0; i < 20000; ++i) {
      Sender& sender = senders[0].now <= senders[1].now ? senders[0] : senders[1];
      const TimePoint departure = link.reserve(sender.now, sender.wanted, link.slice_bytes());
      sender.now =
          std::max(sender.now, departure) + Nanoseconds(30'000 + static_cast<int>(random.below(100'000)));
      sender.wanted = departure;
      sent_bytes += link.slice_bytes();
      last = std::max(last, sender.now);
    }
    const double measured = static_cast<double>(sent_bytes) / to_seconds(last - at(0ms));
    EXPECT_NEAR(measured / rate, 1.0, 0.02) << rate;
  }
}

TEST(SharedLinkTest, SlicesAreHalfAMillisecondWithinBounds) {
  EXPECT_EQ(SharedLink(1e6).slice_bytes(), 16384u);
  EXPECT_EQ(SharedLink(1e8).slice_bytes(), 50000u);
  EXPECT_EQ(SharedLink(1e10).slice_bytes(), 262144u);
}

TEST(SharedLinkTest, CountsWhatItGranted) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(10ms), at(10ms), 2500), at(12500us));  // idle before: not lost, nobody wanted it
  EXPECT_EQ(link.busy(), 3500us);
  EXPECT_EQ(link.bytes(), 3500u);
  EXPECT_EQ(link.lost(), 0ns);
  link.reset_audit();
  EXPECT_EQ(link.busy(), 0ns);
  EXPECT_EQ(link.bytes(), 0u);
  // What was granted before still takes its time.
  EXPECT_EQ(link.reserve(at(12ms), at(12ms), 100), at(12600us));
  EXPECT_EQ(link.busy(), 100us);
}

TEST(SharedLinkTest, WithoutLimitOnlyBytesCount) {
  SharedLink link(0);
  EXPECT_EQ(link.reserve(at(100ms), at(0ms), 1000), at(100ms));
  EXPECT_EQ(link.bytes(), 1000u);
  EXPECT_EQ(link.busy(), 0ns);
  EXPECT_EQ(link.lost(), 0ns);
}

TEST(SharedLinkTest, LostIsWhatALateSenderCannotCatchUp) {
  struct Row {
    Nanoseconds now, wanted_since, lost;
  };
  // After a slice that leaves at 1 ms.
  const std::vector<Row> rows = {
      {1ms, 1ms, 0ms},       // in time
      {21ms, 1ms, 0ms},      // as late as can be caught up
      {22ms, 1ms, 1ms},      // 2 ms is the earliest it can catch up to
      {101ms, 1ms, 80ms},    //
      {101ms, 101ms, 0ms},   // no backlog
      {101ms, 91ms, 0ms},    // had none until 10 ms ago
      {101ms, 51ms, 30ms},   // had none until 50 ms ago
      {101ms, 500us, 80ms},  // the link itself was busy until 1 ms
      {500us, 600us, 0ms},   // wants to send later than now
  };
  for (const Row& row : rows) {
    SharedLink link(1e6);
    EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
    (void)link.reserve(at(row.now), at(row.wanted_since), 10);
    EXPECT_EQ(link.lost(), row.lost) << row.now.count() << " " << row.wanted_since.count();
    link.reset_audit();
    EXPECT_EQ(link.lost(), 0ns);
  }
}

TEST(SharedLinkTest, WhatAnotherUsedIsNotLost) {
  SharedLink link(1e6);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(link.reserve(at(1ms), at(1ms), 79'000), at(80ms));
  // Both late at 101 ms: from 80 to 81 ms nobody sent; the second finds the link taken from there on.
  EXPECT_EQ(link.reserve(at(101ms), at(1ms), 1000), at(82ms));
  EXPECT_EQ(link.reserve(at(101ms), at(1ms), 1000), at(83ms));
  EXPECT_EQ(link.lost(), 1ms);
}

// Of a run without gaps, all the time is either busy or lost.
TEST(SharedLinkTest, BusyAndLostAddUpToTheTimeOfABacklog) {
  SharedLink link(1e8);
  Random random(3);
  TimePoint wanted = at(0ms);
  for (int i = 0; i < 5000; ++i) {
    const Nanoseconds late(random.below(100) == 0 ? 50'000'000 : random.below(100'000));
    wanted = link.reserve(wanted + late, wanted, 50'000);
  }
  EXPECT_GT(link.lost(), 1s);
  EXPECT_EQ(link.busy(), 5000 * 500us);
  EXPECT_EQ(link.busy() + link.lost(), wanted - at(0ms));
}

TEST(SharedLinkTest, CountsFromAllThreads) {
  SharedLink link(1e9);
  {
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < 4; ++sender)
      senders.emplace_back([&link] {
        for (int i = 0; i < 10'000; ++i) (void)link.reserve(at(0ms), at(0ms), 1000);
      });
  }
  EXPECT_EQ(link.bytes(), 40'000'000u);
  EXPECT_EQ(link.busy(), 40ms);
  EXPECT_EQ(link.reserve(at(0ms), at(0ms), 1000), at(40'001us));
}

}  // namespace
}  // namespace depthfinder::mock
