// SPDX-License-Identifier: MIT
// How many threads decode: a pure function of what they did in a window. It knows nothing of the depth; DepthController
// asks it in windows in which the depth does not move, and counts the windows that a smaller number must hold for.
#pragma once

namespace depthfinder {

struct DecodeLoad {
  int threads = 1;
  int threads_max = 1;
  double busy_share = 0;          // 0..1 of the workers' time
  double blobs_waiting_mean = 0;  // arrived, and no worker has taken them yet
};

// More while blobs wait and the workers are busy (over 85 %): twice as many when `fast`, else one. One less when the
// others would still be busy for less than 65 % of their time. Otherwise as many as there are.
int wanted_threads(const DecodeLoad& load, bool fast);

}  // namespace depthfinder
