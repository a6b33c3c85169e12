// SPDX-License-Identifier: MIT
// The floor: the CPU time of one core that the unavoidable work of a restore takes on this host, a pure function of
// the host's profile and of what was restored.
//
// In it, because a client cannot do without: receiving every byte over TLS, kernel time included; the CRC of every
// blob; decryption where there is a key; decompression of what came compressed; SHA-256 of every payload byte by the
// cheapest kernel present; where a file is written, the write into the page cache.
// Not in it, because a client may do it for less or not at all: HTTP/2 framing, waking threads, copies, queues, fresh
// memory, zero chunks (known by their digest, left as holes), handshakes, index and manifest; and what is not this
// process's CPU time, such as writeback.
// It is a sum of stages that each find their bytes in memory. A client that keeps a chunk in a cache between two
// stages can come below it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/profile/profile.h"

namespace depthfinder {

struct RestoreFacts {
  std::uint64_t wire_bytes = 0;     // received over TLS
  std::uint64_t payload_bytes = 0;  // decoded and verified, each as often as it was fetched; no zero chunks
  std::uint64_t decompressed_bytes = 0;  // the part of the payload that came compressed
  double compression_ratio = 1;          // of that part: bytes out per byte in
  bool encrypted = false;
  std::uint64_t written_bytes = 0;  // to a file, without the holes; 0 where the target is null
};

// `profile` is complete (check_profile); the ratio is above 0 where anything was decompressed.
double cpu_floor_s(const Profile& profile, const RestoreFacts& facts);

struct FloorCase {
  std::string name;        // "plain, incompressible"
  std::string key;         // "plain_incompressible"
  double ns_per_byte = 0;  // of payload
};
// Plain and encrypted, incompressible and of ratio 1.8, restored to null.
std::vector<FloorCase> floor_cases(const Profile& profile);

}  // namespace depthfinder
