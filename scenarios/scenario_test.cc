// SPDX-License-Identifier: MIT
#include "scenarios/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::ElementsAre;

std::vector<std::string> ids(const std::vector<Cell>& cells) {
  std::vector<std::string> result;
  for (const Cell& cell : cells) result.push_back(cell.id);
  return result;
}

Scenario with_axes(Axes axes) {
  Scenario scenario;
  scenario.axes = std::move(axes);
  return scenario;
}

TEST(ExpandCells, IsTheProductOfTheAxes) {
  const auto cells = expand_cells(with_axes({{"spawned"}, {1, 16}, {2, 4}, {1}, {ShaNi::on, ShaNi::off}}));
  EXPECT_THAT(ids(cells), ElementsAre("spawned-d1-t2-c1-shani-on", "spawned-d1-t2-c1-shani-off",
                                      "spawned-d1-t4-c1-shani-on", "spawned-d1-t4-c1-shani-off",
                                      "spawned-d16-t2-c1-shani-on", "spawned-d16-t2-c1-shani-off",
                                      "spawned-d16-t4-c1-shani-on", "spawned-d16-t4-c1-shani-off"));
}

TEST(ExpandCells, SequentialHasOneCellPerShaNiState) {
  const auto cells =
      expand_cells(with_axes({{"sequential"}, {4, 8, 16}, {1, 2}, {1}, {ShaNi::on, ShaNi::off}}));
  EXPECT_THAT(ids(cells), ElementsAre("sequential-d1-t0-c1-shani-on", "sequential-d1-t0-c1-shani-off"));
}

TEST(ExpandCells, ThreadsCollapseWhereThereAreNoWorkers) {
  const auto cells = expand_cells(with_axes({{"buffered", "threads"}, {8, 16}, {4, 8}, {1}, {ShaNi::on}}));
  EXPECT_THAT(ids(cells), ElementsAre("buffered-d8-t0-c1-shani-on", "buffered-d16-t0-c1-shani-on",
                                      "threads-d8-t0-c1-shani-on", "threads-d16-t0-c1-shani-on"));
}

TEST(Cell, KnowsWhatItCosts) {
  struct Row {
    const char* strategy;
    int depth, threads, decode_threads;
    std::uint64_t buffer_mib;
  };
  constexpr Row kRows[] = {{"sequential", 1, 0, 1, 8},
                           {"buffered", 16, 0, 1, 128},
                           {"spawned", 16, 4, 4, 128},
                           {"threads", 8, 0, 8, 64}};
  for (const Row& row : kRows) {
    const Cell cell{"", row.strategy, row.depth, row.threads, 1, ShaNi::on};
    EXPECT_EQ(decode_threads(cell), row.decode_threads) << row.strategy;
    EXPECT_EQ(buffer_bytes(cell), row.buffer_mib << 20) << row.strategy;
  }
}

}  // namespace
}  // namespace depthfinder
