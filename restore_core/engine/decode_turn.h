// SPDX-License-Identifier: MIT
// next_turn(): what a decode worker that hashes in lanes does next. Hashing several chunks side by side is cheaper than
// one after another, so a decoded chunk waits for company, but only while company is on its way: a pure rule, asked
// under the stage's lock.
#pragma once

#include <cstddef>

namespace depthfinder {

struct DecodeState {
  std::size_t arrived = 0;   // blobs that no worker has taken
  std::size_t decoded = 0;   // chunks that wait to be hashed
  std::size_t decoding = 0;  // workers that are decoding a blob now
  std::size_t batch = 1;     // chunks that make the most of the lanes
};

enum class DecodeTurn {
  wait,    // nothing to do, or another worker will bring a chunk to hash with those that wait
  decode,  // one blob
  hash,    // up to `batch` chunks together
};

constexpr DecodeTurn next_turn(const DecodeState& state) {
  if (state.decoded >= state.batch) return DecodeTurn::hash;
  if (state.arrived > 0) return DecodeTurn::decode;
  // The pipeline is idle, or nearly: whoever waits now waits for nothing.
  if (state.decoded > 0 && state.decoding == 0) return DecodeTurn::hash;
  return DecodeTurn::wait;
}

// Chunks that wait for the lanes hold slots in which nothing can be fetched: at most half of the depth waits.
constexpr std::size_t lane_batch(int lanes, int depth) {
  const auto half = static_cast<std::size_t>(depth / 2);
  const auto full = static_cast<std::size_t>(lanes);
  return half < 1 ? 1 : (half < full ? half : full);
}

}  // namespace depthfinder
