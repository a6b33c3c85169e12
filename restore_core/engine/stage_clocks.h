// SPDX-License-Identifier: MIT
// What each stage of a restore cost. One StageClocks belongs to one thread while it measures; they are added
// up after the threads have been joined.
#pragma once

#include "restore_core/base/clock.h"

namespace depthfinder {

// `busy` of the decode stages is CPU time of the threads that did it; of the write, wall time. `wait` is the
// time that chunks lay ready before the stage took them: before decoding it is counted for `crc`, its first
// step.
struct StageClock {
  Nanoseconds busy{0};
  Nanoseconds wait{0};
  StageClock& operator+=(const StageClock& other) {
    busy += other.busy;
    wait += other.wait;
    return *this;
  }
};

struct StageClocks {
  StageClock receive, crc, decrypt, decompress, hash, write;
  StageClocks& operator+=(const StageClocks& other) {
    receive += other.receive;
    crc += other.crc;
    decrypt += other.decrypt;
    decompress += other.decompress;
    hash += other.hash;
    write += other.write;
    return *this;
  }
};

}  // namespace depthfinder
