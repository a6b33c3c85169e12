// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_plan.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

std::vector<ContentId> contents_of(const SyntheticPlan& plan) {
  std::vector<ContentId> contents;
  for (std::size_t i = 0; i < plan.chunk_count(); ++i) contents.push_back(plan.content_at(i));
  return contents;
}

TEST(SyntheticPlan, MeetsTheSharesAsExactlyAsRoundingPermits) {
  const struct {
    std::uint64_t chunks;
    double zeros, duplicates;
    std::size_t expected_zeros, expected_contents;
  } kCases[] = {
      {256, 0, 0, 0, 256}, {256, 0.3, 0.1, 77, 161},   {256, 1, 0, 256, 0},
      {256, 0, 1, 0, 1},   {1000, 0.5, 0.5, 500, 250}, {1, 0, 1, 0, 1},
      {1, 1, 0, 1, 0},     {2, 0.5, 0, 1, 1},          {3, 0.34, 0.5, 1, 1},
  };
  for (const auto& c : kCases)
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const SyntheticPlan plan({c.chunks * kDefaultChunkSize, c.zeros, c.duplicates, 1, seed});
      const auto contents = contents_of(plan);
      ASSERT_EQ(contents.size(), c.chunks);
      EXPECT_EQ(std::count(contents.begin(), contents.end(), kZeroContent), c.expected_zeros);
      EXPECT_EQ(plan.zero_count(), c.expected_zeros);
      EXPECT_EQ(plan.content_count(), c.expected_contents)
          << c.chunks << " " << c.zeros << " " << c.duplicates;
    }
}

TEST(SyntheticPlan, NumbersContentsInTheOrderOfTheirFirstOccurrence) {
  const SyntheticPlan plan({1024 * kDefaultChunkSize, 0.2, 0.4, 1, 5});
  ContentId next = 0;
  std::size_t repeats = 0;
  for (const ContentId content : contents_of(plan)) {
    if (content == kZeroContent) continue;
    ASSERT_LE(content, next);
    if (content == next)
      ++next;
    else
      ++repeats;
  }
  EXPECT_EQ(next, plan.content_count());
  EXPECT_EQ(repeats, 328U);  // 0.4 of 819
}

TEST(SyntheticPlan, PutsZerosInRuns) {
  const SyntheticPlan plan({4096 * kDefaultChunkSize, 0.5, 0, 1, 1});
  const auto contents = contents_of(plan);
  std::size_t runs = 0;
  for (std::size_t i = 0; i < contents.size(); ++i)
    if (contents[i] == kZeroContent && (i == 0 || contents[i - 1] != kZeroContent)) ++runs;
  // 256 runs are dealt, some of which touch; zeros strewn one by one would make about 1024.
  EXPECT_GT(runs, 128U);
  EXPECT_LE(runs, 256U);
}

TEST(SyntheticPlan, KeepsAShortLastChunkToItself) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const SyntheticPlan plan({10 * kDefaultChunkSize + 5, 0, 0.9, 1, seed});
    const auto contents = contents_of(plan);
    ASSERT_EQ(contents.size(), 11U);
    EXPECT_EQ(contents.back() + 1, plan.content_count());
    EXPECT_EQ(std::count(contents.begin(), contents.end(), contents.back()), 1);
    EXPECT_EQ(plan.chunk_length(10), 5U);
    EXPECT_EQ(plan.content_length(contents.back()), 5U);
    EXPECT_EQ(plan.chunk_length(9), kDefaultChunkSize);
    EXPECT_EQ(plan.content_length(0), kDefaultChunkSize);
  }
}

TEST(SyntheticPlan, DependsOnTheSeedAndOnNothingElse) {
  const SyntheticImage image{64 * kDefaultChunkSize, 0.3, 0.3, 1, 1};
  SyntheticImage other = image;
  other.seed = 2;
  EXPECT_EQ(contents_of(SyntheticPlan(image)), contents_of(SyntheticPlan(image)));
  EXPECT_NE(contents_of(SyntheticPlan(image)), contents_of(SyntheticPlan(other)));
}

}  // namespace
}  // namespace depthfinder::mock
