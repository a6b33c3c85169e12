// SPDX-License-Identifier: MIT
// The restore engine: fetch -> decode -> write, for one image.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/stage_clocks.h"
#include "restore_core/engine/strategy.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

struct RestoreStats {
  std::uint64_t logical_bytes = 0;
  std::uint64_t zero_bytes = 0;
  std::uint64_t wire_bytes = 0;
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;  // of the transport, and refetches of bad data
  Nanoseconds duration{0};    // first request to last byte durable
  // Both from the first request to the last byte written, without the time that making it durable takes.
  double in_flight_mean = 0;   // chunks requested and not yet arrived, time-weighted
  double slots_used_mean = 0;  // slots taken: chunks requested or zero and not yet written, time-weighted
  StageClocks stages;
  std::vector<Nanoseconds>
      chunk_latency;  // request to whole blob, one per fetched chunk, in order of completion
};

struct ProgressSample {
  std::uint64_t chunks_done = 0;
  std::uint64_t chunks_total = 0;
  std::uint64_t bytes_done = 0;  // image bytes, zeros included; never falls
  std::uint64_t bytes_total = 0;
  std::uint64_t zero_bytes = 0;
  Nanoseconds elapsed{0};
};
// Called on the consumer thread after every chunk written; must be quick.
using ProgressCallback = std::function<void(const ProgressSample&)>;

struct RestoreJob {
  const FixedIndex& index;
  CryptMode crypt_mode;
  const CryptConfig* key = nullptr;  // required for CryptMode::encrypt
};

// Restores the image; every chunk is verified before it is written. On the first fatal error nothing more is
// written, all threads are joined, and the error names the chunk, its offset and the cause. Cancellation
// through `stop` is the error `cancelled`. Bytes in flight stay within depth x 2 x (chunk size + 4 KiB).
Result<RestoreStats> restore_image(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                                   Sink& sink, const ProgressCallback& progress, std::stop_token stop);

}  // namespace depthfinder
