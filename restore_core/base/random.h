// SPDX-License-Identifier: MIT
// Seeded random numbers with the same sequence on every platform (the standard's distributions promise none):
// SplitMix64 (Steele, Lea, Flood 2014), small enough to seed one generator per chunk or per request.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace depthfinder {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // Uniform over all 64-bit values.
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // Uniform in [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Uniform in [0, bound); bound > 0. Bias below 2^-32 for bounds under 2^32.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  // Fisher-Yates.
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

// One seed from several numbers, so that neighbouring ones give unrelated sequences.
template <typename... Numbers>
std::uint64_t mix_seed(std::uint64_t seed, Numbers... numbers) {
  ((seed = Random(seed ^ (0x9e3779b97f4a7c15ULL * (static_cast<std::uint64_t>(numbers) + 1))).next()), ...);
  return seed;
}

}  // namespace depthfinder
