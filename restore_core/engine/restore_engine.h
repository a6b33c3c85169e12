// SPDX-License-Identifier: MIT
// The restore engine: fetch -> decode -> write, for one image or several together.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/depth_tuner.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/stage_clocks.h"
#include "restore_core/engine/strategy.h"

namespace depthfinder {

struct ImageStats {
  std::uint64_t logical_bytes = 0;
  std::uint64_t zero_bytes = 0;
};

struct RestoreStats {
  std::uint64_t logical_bytes = 0;
  std::uint64_t zero_bytes = 0;
  std::uint64_t reused_bytes = 0;  // of the logical bytes, zeros too: the targets held them already
  std::uint64_t wire_bytes = 0;
  std::uint64_t payload_bytes = 0;       // fetched, decoded and verified; no zero chunks, nothing twice
  std::uint64_t compressed_bytes = 0;    // of the payloads that came compressed, as they came
  std::uint64_t decompressed_bytes = 0;  // the same payloads afterwards
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;  // of the transport, and refetches of bad data
  Nanoseconds duration{0};    // first request, or first look at old data, to last byte durable
  // Both from the first request to the last byte written, without the time that making it durable takes.
  double in_flight_mean = 0;   // chunks requested and not yet arrived, time-weighted
  double slots_used_mean = 0;  // slots taken: chunks requested or zero and not yet written, time-weighted
  double depth_mean = 0;       // permitted, time-weighted; the depth itself unless it was automatic
  double threads_mean = 0;     // the same of decode workers
  std::vector<DepthTracePoint> depth_trace;  // empty unless something was automatic
  std::uint64_t coalesced = 0;               // chunks not fetched because the same digest was in flight
  std::uint64_t cache_hits = 0;              // chunks not fetched because they were in the chunk cache
  std::string lane_kernel;     // SHA-256 kernel of full lanes; empty where chunks are hashed one at a time
  double hash_batch_mean = 1;  // chunks hashed side by side
  std::vector<ImageStats> images;
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
// Called on the consumer thread after every chunk written, or found on the target; must be quick.
using ProgressCallback = std::function<void(const ProgressSample&)>;

// What the depth controller needs to know where the depth or the threads are automatic.
struct AutoSettings {
  int depth_start = 16;
  int threads_start = 1;
  std::optional<BystanderGauge> bystander;
};

// Restores the images together: one budget of slots, threads and writers for all of them. Every chunk is verified before
// it is written. On the first fatal error nothing more is written, all threads are joined, and the error names the
// image (where there are several), the chunk, its offset and the cause. Cancellation through `stop` is the error
// `cancelled`. A sink that holds old data is read first, and chunks that are right stay there (reused_bytes). Bytes in flight stay within depth x 2 x (chunk size + 4 KiB). Errors: those of the source and the
// sinks, and corrupt.
Result<RestoreStats> restore_images(const std::vector<ImageTarget>& images, const EngineSettings& settings,
                                    ChunkSource& source, const ProgressCallback& progress,
                                    std::stop_token stop, const AutoSettings& automatic = {});

// The same for one image.
Result<RestoreStats> restore_image(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                                   Sink& sink, const ProgressCallback& progress, std::stop_token stop);

}  // namespace depthfinder
