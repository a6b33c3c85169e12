// SPDX-License-Identifier: MIT
// What a restore is made of: checks, plans, memory, cache and tuner, each from the images and the settings alone, and
// what it asks of them while it runs. No state of its own; the restore's thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "restore_core/engine/depth_tuner.h"
#include "restore_core/engine/hot_chunk_cache.h"
#include "restore_core/engine/image_target.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/slot_pool.h"

namespace depthfinder {

// Errors: bad_input (no key), corrupt (an index that contradicts itself).
Result<void> check_job(const RestoreJob& job);

// One plan per image; `held` has nothing, or flags for each of them. Errors: those of make_plan().
Result<std::vector<RestorePlan>> make_plans(const std::vector<ImageTarget>& images, ZeroOrder order,
                                            const std::vector<HeldChunks>& held = {});

// How many chunks may hold a slot at this depth.
std::size_t slots_at(std::size_t depth, const EngineSettings& settings);

SlotLayout slot_layout(const std::vector<ImageTarget>& images, const EngineSettings& settings);

// Null where nothing is to be kept.
std::unique_ptr<HotChunkCache> make_cache(const std::vector<ImageTarget>& images, int chunks);

// Nothing where neither depth nor threads are automatic.
std::optional<DepthTuner> make_tuner(const EngineSettings& settings, const AutoSettings& automatic);

// May this chunk be asked for, as far as the sink's window goes?
bool window_permits(const ImageTarget& image, const PlannedChunk& chunk, const SlotPool& slots);

// The error with the image's name (where there are several), the chunk, its offset and its digest in front, the chunk at the
// error's own offset where it has one, and with what to do behind.
Error located(const std::vector<ImageTarget>& images, const Error& error, std::uint32_t image,
              std::size_t position);

Error cancelled(const ProgressSample& progress);

}  // namespace depthfinder
