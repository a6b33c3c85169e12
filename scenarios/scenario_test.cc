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
  Axes axes;
  axes.depth = {1, 16};
  axes.threads = {2, 4};
  axes.sha_ni = {ShaNi::on, ShaNi::off};
  const auto cells = expand_cells(with_axes(axes));
  EXPECT_THAT(ids(cells), ElementsAre("spawned-d1-t2-c1-shani-on", "spawned-d1-t2-c1-shani-off",
                                      "spawned-d1-t4-c1-shani-on", "spawned-d1-t4-c1-shani-off",
                                      "spawned-d16-t2-c1-shani-on", "spawned-d16-t2-c1-shani-off",
                                      "spawned-d16-t4-c1-shani-on", "spawned-d16-t4-c1-shani-off"));
}

TEST(ExpandCells, SequentialHasOneCellPerShaNiState) {
  Axes axes;
  axes.strategy = {"sequential"};
  axes.depth = {4, 8, 16};
  axes.threads = {1, 2};
  axes.sha_ni = {ShaNi::on, ShaNi::off};
  const auto cells = expand_cells(with_axes(axes));
  EXPECT_THAT(ids(cells), ElementsAre("sequential-d1-t0-c1-shani-on", "sequential-d1-t0-c1-shani-off"));
}

TEST(ExpandCells, ThreadsCollapseWhereThereAreNoWorkers) {
  Axes axes;
  axes.strategy = {"buffered", "threads"};
  axes.depth = {8, 16};
  axes.threads = {4, 8};
  const auto cells = expand_cells(with_axes(axes));
  EXPECT_THAT(ids(cells), ElementsAre("buffered-d8-t0-c1-shani-on", "buffered-d16-t0-c1-shani-on",
                                      "threads-d8-t0-c1-shani-on", "threads-d16-t0-c1-shani-on"));
}

TEST(ExpandCells, OnlyPipelinedHasSeveralWriters) {
  Axes axes;
  axes.strategy = {"spawned", "pipelined"};
  axes.writers = {1, 2};
  EXPECT_THAT(ids(expand_cells(with_axes(axes))),
              ElementsAre("spawned-d16-t4-c1-shani-on", "pipelined-d16-t4-c1-shani-on",
                          "pipelined-d16-t4-c1-shani-on-w2"));
}

TEST(ExpandCells, NamesWhatIsNotTheDefault) {
  Axes axes;
  axes.strategy = {"pipelined"};
  axes.depth = {kAuto};
  axes.threads = {kAuto};
  axes.connections = {2};
  axes.vectors = {Vectors::avx2};
  axes.writers = {2};
  axes.buffers = {Buffers::fresh};
  axes.chunk_cache = {8};
  axes.http2_window_bytes = {65'536};
  axes.http2_frame_bytes = {16'384};
  EXPECT_THAT(ids(expand_cells(with_axes(axes))),
              ElementsAre("pipelined-dauto-tauto-c2-shani-on-avx2-w2-fresh-cache8-win64KiB-frame16KiB"));
}

TEST(CpuState, PutsTheHostsOwnFirst) {
  EXPECT_LT((CpuState{ShaNi::on, Vectors::all}), (CpuState{ShaNi::on, Vectors::avx2}));
  EXPECT_LT((CpuState{ShaNi::on, Vectors::sse}), (CpuState{ShaNi::off, Vectors::all}));
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
    Cell cell;
    cell.strategy = row.strategy;
    cell.depth = row.depth;
    cell.threads = row.threads;
    EXPECT_EQ(decode_threads(cell), row.decode_threads) << row.strategy;
    EXPECT_EQ(buffer_bytes(cell), row.buffer_mib << 20) << row.strategy;
    EXPECT_FALSE(is_adaptive(cell));
    cell.chunk_cache = 8;
    EXPECT_EQ(buffer_bytes(cell), (row.buffer_mib + 32) << 20) << row.strategy;
    cell.depth = kAuto;
    EXPECT_TRUE(is_adaptive(cell));
  }
}

}  // namespace
}  // namespace depthfinder
