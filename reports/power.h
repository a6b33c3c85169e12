// SPDX-License-Identifier: MIT
// How many blocks a difference takes to be seen, and what difference a number of blocks shows (METHOD.md, the race): n =
// ceil(((t + z) s / delta)^2), one-sided at 95 %, with a power of 80 %. Pure; any thread.
#pragma once

namespace depthfinder {

inline constexpr double kEffectWanted = 0.03;  // a difference in throughput
inline constexpr int kPoweredBlocksMin = 8;
inline constexpr int kPoweredBlocksMax = 40;

// The least n, 2 to 1000, that shows a mean log ratio of `log_effect` where single blocks spread with `log_sd`.
int blocks_for(double log_sd, double log_effect);

// The same for kEffectWanted, between kPoweredBlocksMin and kPoweredBlocksMax.
int powered_blocks(double log_sd);

// The difference, as a share (0.03), that `blocks` of them show. Two blocks are the least.
double detectable_effect(double log_sd, int blocks);

}  // namespace depthfinder
