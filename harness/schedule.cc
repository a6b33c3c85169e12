// SPDX-License-Identifier: MIT
#include "harness/schedule.h"

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

}  // namespace depthfinder
