// SPDX-License-Identifier: MIT
// next_turn(): what a decode worker that hashes in lanes does next. Hashing several chunks side by side is cheaper than
// one after another, so a decoded chunk waits for company, but only while company is on its way, and not for long: a
// pure rule, asked under the stage's lock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace depthfinder {

// A chunk waits no longer than this for others, so that a slow link is no reason to hold anything back.
inline constexpr std::chrono::milliseconds kLaneWaitMax{100};

struct DecodeState {
  std::size_t expected = 0;  // fetches in flight: blobs that will come
  std::size_t arrived = 0;   // blobs that no worker has taken
  std::size_t decoding = 0;  // workers that are decoding a blob now
  std::size_t decoded = 0;   // chunks that wait to be hashed
  bool overdue = false;      // the first of them has waited for kLaneWaitMax
  std::size_t batch = 1;     // chunks that make the most of the lanes
};

enum class DecodeTurn {
  wait,    // nothing to do, or company is on its way
  decode,  // one blob
  hash,    // up to `batch` chunks together
};

constexpr DecodeTurn next_turn(const DecodeState& state) {
  if (state.decoded >= state.batch || (state.overdue && state.decoded > 0)) return DecodeTurn::hash;
  if (state.arrived > 0) return DecodeTurn::decode;
  const bool company = state.decoding > 0 || state.expected > 0;
  return state.decoded > 0 && !company ? DecodeTurn::hash : DecodeTurn::wait;
}

// How many chunks may hold a slot, at this depth and with so many workers that hash in lanes. The depth counts what is
// requested or not yet decoded, two buffers each in the worst case; what waits for the lanes or a writer holds one
// buffer. Twice the depth in buffers are there, and each worker needs one more while it decodes.
constexpr std::size_t lane_slots(std::size_t depth, std::size_t threads) {
  return std::max(depth, 2 * depth - std::min(2 * depth, threads));
}

// Chunks hashed together: full lanes, unless fewer may wait.
constexpr std::size_t lane_batch(std::size_t lanes, std::size_t depth, std::size_t threads) {
  return std::clamp<std::size_t>(lane_slots(depth, threads) - depth, 1, lanes);
}

}  // namespace depthfinder
