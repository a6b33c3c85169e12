// SPDX-License-Identifier: MIT
// The law of the decode threads, as its header words it: more while blobs wait and the workers are busy (over 85 %), one
// less when the others would still be busy for less than 65 % of their time, otherwise as many as there are.
#include "restore_core/engine/thread_law.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(ThreadLaw, FollowsItsTable) {
  struct LawRow {
    const char* what;
    DecodeLoad load;  // threads, at most, busy, blobs waiting
    int slowly, fast;
  };
  const LawRow rows[] = {
      {"busy, and blobs wait", {2, 8, 0.90, 2}, 3, 4},
      {"busy, and nothing waits", {2, 8, 0.90, 0}, 2, 2},
      {"blobs wait for workers that are not busy", {2, 8, 0.70, 4}, 2, 2},
      {"just busy enough is not enough", {2, 8, 0.85, 2}, 2, 2},
      {"a single thread gets company", {1, 8, 1.00, 1}, 2, 2},
      {"twice as many would be too many", {5, 8, 1.00, 9}, 6, 8},
      {"one more is all there is", {7, 8, 1.00, 9}, 8, 8},
      {"all of them are at work already", {8, 8, 1.00, 9}, 8, 8},
      {"the only core", {1, 1, 1.00, 9}, 1, 1},
      {"more than may be: the law takes none away for that", {4, 2, 1.00, 9}, 4, 4},
      {"1.2 threads' work is 60 % of the other two", {3, 8, 0.40, 0}, 2, 2},
      {"1.5 threads' work is 75 % of the other two", {3, 8, 0.50, 0}, 3, 3},
      {"2.4 threads' work is 60 % of the other four", {5, 8, 0.48, 0}, 4, 4},
      {"2.8 threads' work is 70 % of the other four", {5, 8, 0.56, 0}, 5, 5},
      {"half a thread's work is 50 % of the other one", {2, 8, 0.25, 0}, 1, 1},
      {"0.8 threads' work is 80 % of the other one", {2, 8, 0.40, 0}, 2, 2},
      {"idle: one less at a time", {8, 8, 0.00, 0}, 7, 7},
      {"idle, and the last one stays", {1, 8, 0.00, 0}, 1, 1},
      {"what waits for idle workers does not keep them", {4, 8, 0.10, 3}, 3, 3},
  };
  for (const LawRow& row : rows) {
    EXPECT_EQ(wanted_threads(row.load, false), row.slowly) << row.what;
    EXPECT_EQ(wanted_threads(row.load, true), row.fast) << row.what << ", fast";
  }
}

TEST(ThreadLaw, NeverGoesFromOneNumberToAnotherAndBack) {
  // The same work on one thread less is not so much that the law would ask for the thread again.
  for (int threads = 2; threads <= 64; ++threads) {
    for (int percent = 0; percent <= 100; ++percent) {
      const double work = percent / 100.0 * threads;
      const DecodeLoad load{threads, 64, percent / 100.0, 0};
      if (wanted_threads(load, false) >= threads) continue;
      const DecodeLoad less{threads - 1, 64, work / (threads - 1), 1};
      EXPECT_LE(wanted_threads(less, false), threads - 1) << threads << " threads busy " << percent << " %";
    }
  }
}

}  // namespace
}  // namespace depthfinder
