// SPDX-License-Identifier: MIT
// The order of the trials: randomised blocks, each block one seeded random order of all cells (method.md,
// section 1).
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/cell.h"

namespace depthfinder {

// The order of one block as indices into the cells. A function of the seed and the block's number alone, so
// that a resumed sweep goes on with the order it had.
std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cell_count);

// The same order of the cells that are alive: the others are passed over, so that dropping one moves no other.
std::vector<const Cell*> block_order(std::uint64_t seed, int block, const std::vector<Cell>& cells,
                                     const std::vector<const Cell*>& alive);

}  // namespace depthfinder
