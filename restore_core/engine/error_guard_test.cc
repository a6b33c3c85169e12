// SPDX-License-Identifier: MIT
// When errors call for half the depth, window by window, and what a review of it finds. Errors are counted in units of the
// depth: a lost connection takes along what it had in flight, and that is one failure.
#include "restore_core/engine/error_guard.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

constexpr int kDepth = 16;

// Windows of 32 chunks at depth 16, by the errors in each.
FetchCount window(int errors) { return {.completions = 2 * kDepth, .errors = errors, .depth = kDepth}; }

TEST(FetchCount, CountsFailuresInUnitsOfTheDepth) {
  struct GuardRow {
    const char* what;
    FetchCount count;
    double failures;
    bool lossy;
    double failures_per_chunk;
  };
  const GuardRow rows[] = {
      {"nothing failed", {32, 0, 16}, 0, false, 0},
      {"a connection with all that was in flight", {32, 16, 16}, 1, true, 1.0 / 32},
      {"one chunk of many", {32, 1, 16}, 1.0 / 16, false, 1.0 / 512},
      {"half of what was in flight", {32, 8, 16}, 0.5, true, 0.5 / 32},
      {"one chunk, and it was alone", {12, 1, 1}, 1, true, 1.0 / 12},
      {"twice all of it", {20, 20, 10}, 2, true, 0.1},
      {"nothing was done", {0, 4, 4}, 1, true, 1},
  };
  for (const GuardRow& row : rows) {
    EXPECT_DOUBLE_EQ(row.count.failures(), row.failures) << row.what;
    EXPECT_EQ(row.count.lossy(), row.lossy) << row.what;
    EXPECT_DOUBLE_EQ(row.count.failures_per_chunk(), row.failures_per_chunk) << row.what;
  }
}

TEST(ErrorGuard, IsAlarmedByMoreThanChance) {
  struct GuardRow {
    const char* what;
    std::vector<int> before;  // errors of the windows before, as often as `times`
    int times;
    int errors;  // of the window that is asked about
    bool alarming;
  };
  const std::vector<int> clean{0}, now_and_then{0, 0, 0, kDepth};
  const GuardRow rows[] = {
      {"no error", clean, 10, 0, false},
      {"no error ever, in the first window", {}, 0, 0, false},
      {"the first window loses a connection", {}, 0, kDepth, true},
      {"a failure out of the blue", clean, 10, kDepth, true},
      {"what was in flight may have been a chunk less", clean, 10, kDepth - 1, true},
      {"a single chunk is no failure", clean, 10, 1, false},
      {"half of what was in flight is none", clean, 10, kDepth / 2, false},
      {"several failures at once", clean, 10, 5 * kDepth, true},
      {"one more, where one in four windows has one", now_and_then, 20, kDepth, false},
      {"five at once, where one in four windows has one", now_and_then, 20, 5 * kDepth, true},
      {"none, where one in four windows has one", now_and_then, 20, 0, false},
  };
  for (const GuardRow& row : rows) {
    ErrorGuard guard;
    for (int i = 0; i < row.times; ++i)
      for (const int errors : row.before) guard.alarming(window(errors));
    EXPECT_EQ(guard.alarming(window(row.errors)), row.alarming) << row.what;
  }
}

TEST(ErrorGuard, ForgetsWhatWasLongAgo) {
  ErrorGuard guard;
  for (int i = 0; i < 80; ++i) guard.alarming(window(i % 4 == 0 ? kDepth : 0));
  for (int i = 0; i < 400; ++i) guard.alarming(window(0));
  EXPECT_TRUE(guard.alarming(window(kDepth)));
}

TEST(ErrorGuard, IsAlarmedWhereMostWindowsAreLossy) {
  ErrorGuard guard;
  const int half = kDepth / 2;  // lossy, and no failure by itself
  EXPECT_FALSE(guard.alarming(window(half)));
  EXPECT_FALSE(guard.alarming(window(half)));
  EXPECT_FALSE(guard.alarming(window(half)));
  EXPECT_TRUE(guard.alarming(window(half))) << "the fourth in a row";
  EXPECT_FALSE(guard.alarming(window(0))) << "a clean one among them is no alarm";
  guard.begin_review(std::nullopt, 0.5);
  EXPECT_FALSE(guard.alarming(window(half))) << "the count begins anew with half the depth";
}

// A review is of two windows at half the depth.
struct ReviewWindow {
  int errors;
  double rate;
};

struct ReviewRow {
  const char* what;
  std::optional<double> rate_before;
  double failures_before;  // per window
  ReviewWindow windows[2];
  ErrorGuard::Finding finding;
};

TEST(ErrorGuard, ReviewsHalfTheDepth) {
  using Finding = ErrorGuard::Finding;
  constexpr int kHalf = kDepth / 2;
  const ReviewRow rows[] = {
      {"no error any more", 100, 1, {{0, 100}, {0, 100}}, Finding::helped},
      {"none, and faster", 100, 1, {{0, 150}, {0, 150}}, Finding::helped},
      {"none, and 5 % slower is no great loss", 100, 1, {{0, 95}, {0, 95}}, Finding::helped},
      {"none, and the rate before is not known", {}, 1, {{0, 1}, {0, 1}}, Finding::helped},
      {"a quarter of the failures", 100, 4, {{kHalf, 100}, {kHalf, 100}}, Finding::helped},
      {"as many failures", 100, 1, {{kHalf, 100}, {kHalf, 100}}, Finding::same},
      {"as many, in one of the windows", 100, 1, {{2 * kHalf, 100}, {0, 100}}, Finding::same},
      {"more failures", 100, 1, {{4 * kHalf, 100}, {4 * kHalf, 100}}, Finding::same},
      {"no error any more, and slower", 100, 1, {{0, 70}, {0, 70}}, Finding::harmed},
      {"as many, and the clean window is slower", 100, 1, {{2 * kHalf, 9}, {0, 70}}, Finding::harmed},
      {"lossy windows say nothing of the rate", 100, 1, {{kHalf, 9}, {kHalf, 9}}, Finding::same},
      {"a lossy window says nothing, the clean one does", 100, 9, {{kHalf, 9}, {0, 99}}, Finding::helped},
      {"no errors are not as many as none", 100, 0, {{0, 100}, {0, 100}}, Finding::helped},
  };
  for (const ReviewRow& row : rows) {
    ErrorGuard guard;
    EXPECT_FALSE(guard.reviewing()) << row.what;
    guard.begin_review(row.rate_before ? std::optional(std::log(*row.rate_before)) : std::nullopt,
                       row.failures_before / (2 * kHalf));
    const auto review = [&](const ReviewWindow& reviewed) {
      EXPECT_TRUE(guard.reviewing()) << row.what;
      return guard.review({.completions = 2 * kHalf, .errors = reviewed.errors, .depth = kHalf},
                          std::log(reviewed.rate));
    };
    EXPECT_EQ(review(row.windows[0]), Finding::pending) << row.what;
    EXPECT_EQ(review(row.windows[1]), row.finding) << row.what;
    EXPECT_FALSE(guard.reviewing()) << row.what;
  }
}

}  // namespace
}  // namespace depthfinder
