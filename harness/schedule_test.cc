// SPDX-License-Identifier: MIT
#include "harness/schedule.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Schedule, EveryBlockIsAPermutationOfAllCells) {
  for (int block = 0; block < 20; ++block) {
    std::vector<std::size_t> order = block_order(7, block, 36);
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> all(36);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
}

TEST(Schedule, DependsOnSeedAndBlockAlone) {
  EXPECT_EQ(block_order(7, 3, 36), block_order(7, 3, 36));
  std::set<std::vector<std::size_t>> orders;
  for (int block = 0; block < 10; ++block)
    for (std::uint64_t seed = 0; seed < 10; ++seed) orders.insert(block_order(seed, block, 36));
  EXPECT_EQ(orders.size(), 100U);
}

TEST(Schedule, PassesOverDroppedCells) {
  std::vector<Cell> cells(6);
  std::vector<const Cell*> all, alive = {&cells[1], &cells[4], &cells[5]};
  for (const Cell& cell : cells) all.push_back(&cell);
  std::vector<const Cell*> expected = block_order(7, 3, cells, all);
  std::erase_if(expected,
                [&](const Cell* cell) { return std::find(alive.begin(), alive.end(), cell) == alive.end(); });
  EXPECT_EQ(block_order(7, 3, cells, alive), expected);
  EXPECT_EQ(expected.size(), 3U);
}

// No position favours a cell: over many blocks every cell stands first about equally often.
TEST(Schedule, FavoursNoCell) {
  std::vector<int> first(6);
  for (int block = 0; block < 6000; ++block) ++first[block_order(1, block, 6).front()];
  for (const int count : first) EXPECT_NEAR(count, 1000, 150);
}

}  // namespace
}  // namespace depthfinder
