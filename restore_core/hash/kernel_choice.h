// SPDX-License-Identifier: MIT
// Which kernel for how many messages: a pure function of what the kernels cost. A kernel takes as long with idle lanes as
// with full ones, so a wide one is worth it only for enough messages.
#pragma once

#include <span>

#include "restore_core/hash/lane_kernel.h"

namespace depthfinder {

// The index of the kernel to run first when `messages` (at least one) of the same length are there. A step of a kernel
// costs ns_per_byte x lanes for each byte of length and takes as many messages as it has lanes; chosen is the first of
// those steps that hash all of them for the least in total, the wider kernel where two are equal.
std::size_t choose_kernel(std::span<const LaneKernel> kernels, int messages);

// The kernel that costs the least per byte when all its lanes are full.
std::size_t cheapest_kernel(std::span<const LaneKernel> kernels);

}  // namespace depthfinder
