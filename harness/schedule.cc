// SPDX-License-Identifier: MIT
#include "harness/schedule.h"

#include <algorithm>
#include <numeric>

#include "restore_core/base/random.h"

namespace depthfinder {

std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cell_count) {
  std::vector<std::size_t> order(cell_count);
  std::iota(order.begin(), order.end(), 0);
  Random random(seed + 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(block + 1));
  random.shuffle(order);
  return order;
}

std::vector<const Cell*> block_order(std::uint64_t seed, int block, const std::vector<Cell>& cells,
                                     const std::vector<const Cell*>& alive) {
  std::vector<const Cell*> order;
  for (const std::size_t index : block_order(seed, block, cells.size()))
    if (std::find(alive.begin(), alive.end(), &cells[index]) != alive.end()) order.push_back(&cells[index]);
  return order;
}

}  // namespace depthfinder
