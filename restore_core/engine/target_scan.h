// SPDX-License-Identifier: MIT
// The scan of targets that hold old data: which chunks are there already. It reads them in index order on threads of its
// own, in as many buffers as the restore will have, and ends before the first fetch; it writes nothing. What it finds
// is as trusted as what is fetched: the digest is the same one.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "restore_core/base/result.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/plan.h"
#include "restore_core/engine/strategy.h"

namespace depthfinder {

// Some neighbouring chunks of an image, looked at.
struct ScannedRun {
  std::uint32_t image = 0;
  std::size_t first_position = 0;
  std::size_t chunk_count = 0;
  // Of those, what the target holds.
  std::size_t chunks_held = 0;
  std::uint64_t bytes_held = 0;
  std::uint64_t zero_bytes_held = 0;
};
// Called on the scan's calling thread, in no order.
using ScanCallback = std::function<void(const ScannedRun&)>;

// Does any target hold something that was kept?
bool any_old_data(const std::vector<ImageTarget>& images);

// One set of flags per image, empty where the target holds no old data. Zero chunks count as held where the target reads
// as zeros; holes are not read. Errors: io (a target that cannot be read), naming the chunk; cancelled, as soon as the
// chunks that are being read or hashed are done.
Result<std::vector<HeldChunks>> scan_targets(const std::vector<ImageTarget>& images,
                                             const EngineSettings& settings, const ScanCallback& scanned,
                                             const std::stop_token& stop);

}  // namespace depthfinder
