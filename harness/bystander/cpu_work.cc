// SPDX-License-Identifier: MIT
#include "harness/bystander/cpu_work.h"

#include <algorithm>

#include "harness/bystander/bystander_spec.h"

namespace depthfinder {
namespace {

constexpr std::size_t kWords = 8192;                             // 64 KiB
constexpr std::size_t kWordsPerUnit = 512;                       // divides kWords
constexpr std::uint64_t kOddMultiplier = 0x9E3779B97F4A7C15ULL;  // 2^64 over the golden ratio

constexpr std::uint64_t kCalibrationUnits = 64;
constexpr int kCalibrationRounds = 200;  // some 10 ms; the fastest is one that nothing interrupted

}  // namespace

CpuWork::CpuWork() : words_(kWords, kOddMultiplier), state_(kOddMultiplier) {}

void CpuWork::run(std::uint64_t units) {
  for (std::uint64_t unit = 0; unit < units; ++unit) {
    for (std::size_t i = next_; i < next_ + kWordsPerUnit; ++i) {
      state_ = (state_ ^ words_[i]) * kOddMultiplier;
      state_ ^= state_ >> 29;
      words_[i] = state_;
    }
    next_ = (next_ + kWordsPerUnit) % kWords;
  }
}

std::uint64_t calibrated_units(Nanoseconds aim, const Clock& clock) {
  CpuWork work;
  Nanoseconds fastest = Nanoseconds::max();
  for (int round = 0; round < kCalibrationRounds; ++round) {
    const TimePoint begun = clock.now();
    work.run(kCalibrationUnits);
    fastest = std::min(fastest, clock.now() - begun);
  }
  const double units = static_cast<double>(kCalibrationUnits) * static_cast<double>(aim.count()) /
                       static_cast<double>(std::max<Nanoseconds::rep>(fastest.count(), 1));
  return static_cast<std::uint64_t>(std::clamp(units, 1.0, static_cast<double>(kBystanderWorkUnitsMax)));
}

}  // namespace depthfinder
