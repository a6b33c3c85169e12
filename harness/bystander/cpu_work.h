// SPDX-License-Identifier: MIT
// CpuWork: a fixed amount of integer mixing over 64 KiB, as a short request in a virtual machine would use a core and
// its first cache levels. The amount is counted in units, calibrated once; the time it takes is what is measured.
// Used by one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "restore_core/base/clock.h"

namespace depthfinder {

class CpuWork {
 public:
  CpuWork();

  void run(std::uint64_t units);  // one unit mixes 4 KiB

 private:
  std::vector<std::uint64_t> words_;
  std::size_t next_ = 0;
  std::uint64_t state_;
};

// How many units take `aim` when nothing disturbs: from the fastest of many tries. At least 1.
std::uint64_t calibrated_units(Nanoseconds aim, const Clock& clock);

}  // namespace depthfinder
