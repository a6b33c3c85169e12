// SPDX-License-Identifier: MIT
#include "mock_server/model/link_path.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

TEST(LinkPathTest, ASliceHasLeftWhenItCrossedBoth) {
  SharedLink shared(2e6);
  LinkPath first(shared, 1e6), second(shared, 1e6);
  EXPECT_TRUE(first.limited());
  EXPECT_EQ(first.reserve(at(0ms), at(0ms), 1000), at(1ms));   // its own link is the slower one
  EXPECT_EQ(second.reserve(at(0ms), at(0ms), 4000), at(4ms));  // shared from 0.5 to 2.5 ms
  EXPECT_EQ(first.reserve(at(1ms), at(1ms), 1000), at(3ms));   // shared from 2.5 to 3 ms, its own from 1 to 2
}

TEST(LinkPathTest, WithoutACapItIsTheSharedLink) {
  SharedLink shared(1e6);
  LinkPath path(shared, 0);
  EXPECT_TRUE(path.limited());
  EXPECT_EQ(path.slice_bytes(), shared.slice_bytes());
  EXPECT_EQ(path.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(path.reserve(at(4ms), at(1ms), 1000), at(2ms));
}

TEST(LinkPathTest, ACapAloneLetsALateSenderCatchUp) {
  SharedLink shared(0);
  LinkPath path(shared, 1e6);
  EXPECT_TRUE(path.limited());
  EXPECT_EQ(path.slice_bytes(), 16384u);
  EXPECT_EQ(path.reserve(at(0ms), at(0ms), 1000), at(1ms));
  EXPECT_EQ(path.reserve(at(4ms), at(1ms), 1000), at(2ms));
  EXPECT_EQ(shared.bytes(), 2000u);
}

TEST(LinkPathTest, WithoutLimitsAllLeavesAtOnce) {
  SharedLink shared(0);
  LinkPath path(shared, 0);
  EXPECT_FALSE(path.limited());
  EXPECT_EQ(path.reserve(at(3ms), at(1ms), 1 << 30), at(3ms));
}

struct Rates {
  std::vector<double> of_each_mb_per_s;
  double all_mb_per_s = 0;
};

// Connections that always have something to send, each waking up to `late_max` too late, for ten seconds.
Rates send_for_ten_seconds(int connections, double cap_bytes_per_s, double link_bytes_per_s,
                           Nanoseconds late_max) {
  struct Sender {
    std::unique_ptr<LinkPath> path;
    TimePoint now = at(0ms), wanted = at(0ms);
    std::uint64_t sent_bytes = 0;
  };
  SharedLink shared(link_bytes_per_s);
  Random random(5);
  std::vector<Sender> senders(static_cast<std::size_t>(connections));
  for (Sender& sender : senders) sender.path = std::make_unique<LinkPath>(shared, cap_bytes_per_s);
  while (true) {
    Sender& sender = *std::min_element(senders.begin(), senders.end(),
                                       [](const Sender& a, const Sender& b) { return a.now < b.now; });
    if (sender.now >= at(10s)) break;
    const std::uint64_t bytes = sender.path->slice_bytes();
    sender.wanted = sender.path->reserve(sender.now, sender.wanted, bytes);
    const auto late_ns = static_cast<std::uint64_t>(late_max.count());
    sender.now = std::max(sender.now, sender.wanted) + Nanoseconds(random.below(late_ns + 1));
    sender.sent_bytes += bytes;
  }
  Rates rates;
  for (const Sender& sender : senders) {
    rates.of_each_mb_per_s.push_back(static_cast<double>(sender.sent_bytes) / 1e6 / 10);
    rates.all_mb_per_s += rates.of_each_mb_per_s.back();
  }
  return rates;
}

TEST(LinkPathTest, CapAndSharedLinkAreBothExact) {
  struct Row {
    int connections;
    double cap_mb_per_s, link_mb_per_s, expected_mb_per_s;
  };
  const std::vector<Row> rows = {
      {1, 30, 100, 30},      {2, 30, 100, 60}, {3, 30, 100, 90},  {4, 30, 100, 100}, {5, 30, 100, 100},
      {20, 30, 100, 100},    {2, 30, 0, 60},   {3, 0, 100, 100},  {1, 10, 1000, 10}, {8, 125, 1250, 1000},
      {16, 125, 1250, 1250}, {4, 100, 10, 10}, {10, 10, 100, 100}};
  for (const Row& row : rows)
    for (const Nanoseconds late_max : {0us, 130us}) {
      const Rates rates =
          send_for_ten_seconds(row.connections, row.cap_mb_per_s * 1e6, row.link_mb_per_s * 1e6, late_max);
      SCOPED_TRACE(std::to_string(row.connections) + " x " + std::to_string(row.cap_mb_per_s) + " on " +
                   std::to_string(row.link_mb_per_s));
      EXPECT_NEAR(rates.all_mb_per_s / row.expected_mb_per_s, 1.0, 0.02);
      const double fair = row.expected_mb_per_s / row.connections;
      for (const double rate : rates.of_each_mb_per_s) EXPECT_NEAR(rate / fair, 1.0, 0.03);
    }
}

}  // namespace
}  // namespace depthfinder::mock
