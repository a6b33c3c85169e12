// SPDX-License-Identifier: MIT
#include "mock_server/model/fault_plan.h"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

FaultSpec fault_of(FaultKind kind, double share = 1) {
  FaultSpec fault;
  fault.kind = kind;
  fault.share = share;
  return fault;
}

// The ordinals from 1 to `requests` that the plan strikes.
std::vector<std::uint64_t> struck(FaultPlan& plan, std::uint64_t requests) {
  std::vector<std::uint64_t> ordinals;
  for (std::uint64_t i = 1; i <= requests; ++i)
    if (plan.decide(test_request(i), 0ns) != nullptr) ordinals.push_back(i);
  return ordinals;
}

TEST(FaultPlanTest, NothingGoesWrongWithoutFaults) {
  FaultPlan plan({}, 1);
  EXPECT_TRUE(struck(plan, 100).empty());
  EXPECT_TRUE(plan.injected().empty());
}

TEST(FaultPlanTest, AnsweredWithTheWholeSpec) {
  FaultSpec fault = fault_of(FaultKind::stall);
  fault.duration = 3s;
  FaultPlan plan({fault}, 1);
  const FaultSpec* decided = plan.decide(test_request(1), 0ns);
  ASSERT_NE(decided, nullptr);
  EXPECT_EQ(*decided, fault);
}

TEST(FaultPlanTest, OnlyOnWhatIsAskedFor) {
  FaultSpec on_index = fault_of(FaultKind::status);
  on_index.on = FaultOn::index;
  FaultPlan plan({on_index}, 1);
  EXPECT_TRUE(struck(plan, 10).empty());
  EXPECT_EQ(plan.decide({.on = FaultOn::manifest}, 0ns), nullptr);
  EXPECT_NE(plan.decide({.on = FaultOn::index}, 0ns), nullptr);
}

// Binomial: four standard deviations of 20000 draws.
TEST(FaultPlanTest, AShareOfTheRequestsAtRandom) {
  for (const auto& [share, tolerance] :
       std::vector<std::pair<double, double>>{{0, 0}, {0.01, 0.0029}, {0.5, 0.0142}, {1, 0}}) {
    FaultPlan plan({fault_of(FaultKind::status, share)}, 42);
    const auto count = static_cast<double>(struck(plan, 20'000).size());
    EXPECT_NEAR(count / 20'000, share, tolerance) << share;
  }
}

TEST(FaultPlanTest, NeighbouringRequestsAreIndependent) {
  FaultPlan plan({fault_of(FaultKind::status, 0.5)}, 42);
  const std::vector<std::uint64_t> ordinals = struck(plan, 20'000);
  int pairs = 0;
  for (std::size_t i = 1; i < ordinals.size(); ++i) pairs += ordinals[i] == ordinals[i - 1] + 1;
  EXPECT_NEAR(pairs / 20'000.0, 0.25, 0.0142);
}

TEST(FaultPlanTest, TheSameSeedStrikesTheSameRequests) {
  FaultPlan plan({fault_of(FaultKind::status, 0.3)}, 5), again({fault_of(FaultKind::status, 0.3)}, 5),
      other({fault_of(FaultKind::status, 0.3)}, 6);
  const std::vector<std::uint64_t> first = struck(plan, 1000);
  EXPECT_EQ(struck(again, 1000), first);
  EXPECT_NE(struck(other, 1000), first);
  plan.reset();
  EXPECT_EQ(struck(plan, 1000), first);
}

// Two faults by share draw apart: of those that the first leaves, the second strikes its share.
TEST(FaultPlanTest, FaultsDrawIndependently) {
  FaultPlan plan({fault_of(FaultKind::status, 0.5), fault_of(FaultKind::stall, 0.5)}, 9);
  struck(plan, 20'000);
  EXPECT_NEAR(static_cast<double>(plan.injected()[FaultKind::status]) / 20'000, 0.5, 0.0142);
  EXPECT_NEAR(static_cast<double>(plan.injected()[FaultKind::stall]) / 20'000, 0.25, 0.0123);
}

TEST(FaultPlanTest, OfADigestThatBeginsSo) {
  FaultSpec fault = fault_of(FaultKind::missing);
  RequestInfo request = test_request(1);
  request.digest = {0x0a, 0xbc};
  for (const auto& [begin, strikes] : std::vector<std::pair<std::string, bool>>{
           {"", true}, {"0", true}, {"0abc", true}, {"0abc0000", true}, {"0abd", false}, {"abc", false}}) {
    fault.digest = begin;
    FaultPlan plan({fault}, 1);
    EXPECT_EQ(plan.decide(request, 0ns) != nullptr, strikes) << begin;
  }
  fault.digest = "0abc" + std::string(60, '0');
  FaultPlan whole({fault}, 1);
  EXPECT_NE(whole.decide(request, 0ns), nullptr);
  request.digest.back() = 1;
  EXPECT_EQ(whole.decide(request, 0ns), nullptr);
}

TEST(FaultPlanTest, OfRequestsFromFirstToLast) {
  FaultSpec fault = fault_of(FaultKind::status);
  fault.requests = {3, 5};
  FaultPlan plan({fault}, 1);
  EXPECT_EQ(struck(plan, 10), (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST(FaultPlanTest, OfPositionsFromFirstToLast) {
  FaultSpec fault = fault_of(FaultKind::status);
  fault.positions = {0, 1};
  FaultPlan plan({fault}, 1);
  EXPECT_EQ(struck(plan, 10), (std::vector<std::uint64_t>{1, 2}));  // position = ordinal - 1
  RequestInfo again = test_request(9);
  again.position = 1;
  EXPECT_NE(plan.decide(again, 0ns), nullptr);
}

TEST(FaultPlanTest, FromATimeUntilBeforeAnother) {
  FaultSpec fault = fault_of(FaultKind::status);
  fault.after = 2s;
  fault.until = 5s;
  FaultPlan plan({fault}, 1);
  for (const auto& [since_start, strikes] : std::vector<std::pair<Nanoseconds, bool>>{
           {0s, false}, {2s - 1ns, false}, {2s, true}, {5s - 1ns, true}, {5s, false}, {1h, false}})
    EXPECT_EQ(plan.decide(test_request(1), since_start) != nullptr, strikes) << since_start.count();
}

TEST(FaultPlanTest, EveryConditionMustHold) {
  FaultSpec fault = fault_of(FaultKind::status);
  fault.requests = {2, 4};
  fault.positions = {2, 9};
  fault.after = 1s;
  FaultPlan plan({fault}, 1);
  EXPECT_EQ(plan.decide(test_request(2), 2s), nullptr);  // position 1
  EXPECT_EQ(plan.decide(test_request(3), 0s), nullptr);  // too early
  EXPECT_EQ(plan.decide(test_request(5), 2s), nullptr);  // request 5
  EXPECT_NE(plan.decide(test_request(3), 2s), nullptr);
}

TEST(FaultPlanTest, AtMostSoOftenAndThenTheNextOfTheList) {
  FaultSpec twice = fault_of(FaultKind::goaway);
  twice.times = 2;
  FaultSpec later = fault_of(FaultKind::stall);
  later.requests = {4, 100};
  later.times = 1;
  FaultPlan plan({twice, later}, 1);
  EXPECT_EQ(struck(plan, 100), (std::vector<std::uint64_t>{1, 2, 4}));
  EXPECT_EQ(plan.injected(),
            (std::map<FaultKind, std::uint64_t>{{FaultKind::goaway, 2}, {FaultKind::stall, 1}}));
  plan.reset();
  EXPECT_TRUE(plan.injected().empty());
  EXPECT_EQ(struck(plan, 100), (std::vector<std::uint64_t>{1, 2, 4}));
}

TEST(FaultPlanTest, NeverWhenAtMostZeroTimes) {
  FaultSpec never = fault_of(FaultKind::goaway);
  never.times = 0;
  FaultPlan plan({never}, 1);
  EXPECT_TRUE(struck(plan, 10).empty());
}

TEST(FaultPlanTest, TheFirstThatAppliesIsTheOne) {
  FaultSpec third = fault_of(FaultKind::truncate);
  third.requests = {3, 3};
  FaultPlan plan({third, fault_of(FaultKind::drip), fault_of(FaultKind::stall)}, 1);
  EXPECT_EQ(plan.decide(test_request(2), 0ns)->kind, FaultKind::drip);
  EXPECT_EQ(plan.decide(test_request(3), 0ns)->kind, FaultKind::truncate);
}

TEST(FaultPlanTest, CountsOfOneKindAreAdded) {
  FaultSpec first = fault_of(FaultKind::status), second = first;
  first.requests = {1, 3};
  second.requests = {3, 4};
  FaultPlan plan({first, second}, 1);
  struck(plan, 10);
  EXPECT_EQ(plan.injected(), (std::map<FaultKind, std::uint64_t>{{FaultKind::status, 4}}));
}

TEST(FaultPlanTest, ThreadsChangeNothing) {
  FaultPlan alone({fault_of(FaultKind::status, 0.3)}, 5), shared({fault_of(FaultKind::status, 0.3)}, 5);
  const std::vector<std::uint64_t> expected = struck(alone, 8000);
  std::vector<std::vector<std::uint64_t>> by_thread(4);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
      threads.emplace_back([&shared, &mine = by_thread[t], t] {
        for (std::uint64_t i = 8000 - t; i >= 1 && i <= 8000; i -= 4)
          if (shared.decide(test_request(i), 0ns) != nullptr) mine.push_back(i);
      });
  }
  std::set<std::uint64_t> all;
  for (const auto& mine : by_thread) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(std::vector<std::uint64_t>(all.begin(), all.end()), expected);
  EXPECT_EQ(shared.injected(), alone.injected());
}

TEST(FaultPlanTest, ThreadsTogetherStrikeAtMostSoOften) {
  FaultSpec fault = fault_of(FaultKind::connection_reset);
  fault.times = 100;
  FaultPlan plan({fault}, 1);
  std::vector<std::size_t> counts(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t& count : counts)
      threads.emplace_back([&plan, &count] { count = struck(plan, 1000).size(); });
  }
  EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 100u);
  EXPECT_EQ(plan.injected()[FaultKind::connection_reset], 100u);
}

}  // namespace
}  // namespace depthfinder::mock
