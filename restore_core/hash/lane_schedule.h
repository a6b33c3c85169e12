// SPDX-License-Identifier: MIT
// hash_in_lanes(): messages of any lengths through kernels of several lanes. The longest go first; as one ends, the next takes
// its lane; with fewer left than a kernel's lanes, another carries on from the same states where that costs less.
#pragma once

#include <span>

#include "restore_core/hash/lane_kernel.h"
#include "restore_core/hash/lane_message.h"

namespace depthfinder {

// digests[i] is of messages[i]. first_choice[n - 1] is the index of the kernel to run while n messages are not done, its
// last entry also for more.
void hash_in_lanes(std::span<const LaneKernel> kernels, std::span<const std::size_t> first_choice,
                   std::span<const LaneMessage> messages, std::span<Digest> digests);

}  // namespace depthfinder
