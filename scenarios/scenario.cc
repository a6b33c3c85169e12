// SPDX-License-Identifier: MIT
#include "scenarios/scenario.h"

#include <algorithm>

#include <fmt/format.h>

namespace depthfinder {
namespace {

constexpr std::uint64_t kChunkBytes = 4ULL << 20;

// The cell as its strategy would run it.
Cell make_cell(const std::string& strategy, int depth, int threads, int connections, ShaNi sha_ni) {
  Cell cell{{}, strategy, depth, threads, connections, sha_ni};
  if (strategy == "sequential") cell.depth = 1;
  if (!has_decode_workers(strategy)) cell.threads = 0;
  cell.id = fmt::format("{}-d{}-t{}-c{}-shani-{}", cell.strategy, cell.depth, cell.threads, cell.connections,
                        sha_ni_name(cell.sha_ni));
  return cell;
}

}  // namespace

std::string_view sha_ni_name(ShaNi sha_ni) { return sha_ni == ShaNi::on ? "on" : "off"; }

bool has_decode_workers(std::string_view strategy) {
  return strategy == "spawned" || strategy == "pipelined";
}

int decode_threads(const Cell& cell) {
  if (has_decode_workers(cell.strategy)) return cell.threads;
  return cell.strategy == "threads" ? cell.depth : 1;
}

std::uint64_t buffer_bytes(const Cell& cell) {
  return static_cast<std::uint64_t>(cell.depth) * 2 * kChunkBytes;
}

std::vector<Cell> expand_cells(const Scenario& scenario) {
  const Axes& axes = scenario.axes;
  std::vector<Cell> cells;
  const auto add = [&cells](Cell cell) {
    if (std::find(cells.begin(), cells.end(), cell) == cells.end()) cells.push_back(std::move(cell));
  };
  for (const std::string& strategy : axes.strategy)
    for (const int depth : axes.depth)
      for (const int threads : axes.threads)
        for (const int connections : axes.connections)
          for (const ShaNi sha_ni : axes.sha_ni)
            add(make_cell(strategy, depth, threads, connections, sha_ni));
  return cells;
}

}  // namespace depthfinder
