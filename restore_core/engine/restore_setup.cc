// SPDX-License-Identifier: MIT
#include "restore_core/engine/restore_setup.h"

#include <algorithm>

#include "restore_core/engine/decode_turn.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {

Result<void> check_job(const RestoreJob& job) {
  if (job.crypt_mode == CryptMode::encrypt && job.key == nullptr)
    return fail(ErrorKind::bad_input, "the image is encrypted; give the key file it was made with");
  const FixedIndex& index = job.index;
  if (index.chunk_size == 0 || index.chunk_size > kChunkPayloadMax)
    return malformed(ErrorKind::corrupt, "index-chunk-size",
                     "the index has chunks of {} bytes; 1 to {} are possible", index.chunk_size,
                     kChunkPayloadMax);
  const std::uint64_t chunks =
      index.image_bytes / index.chunk_size + (index.image_bytes % index.chunk_size != 0);
  if (chunks != index.chunk_count())
    return malformed(ErrorKind::corrupt, "index-table-size", "the index has {} chunks, but {} bytes make {}",
                     index.chunk_count(), index.image_bytes, chunks);
  return {};
}

Result<std::vector<RestorePlan>> make_plans(const std::vector<ImageTarget>& images, ZeroOrder order,
                                            const std::vector<HeldChunks>& held) {
  std::vector<RestorePlan> plans;
  for (const ImageTarget& image : images) {
    const RestoreJob& job = image.job;
    const Digest zeros = zero_chunk_digest(job.index.chunk_size, job.crypt_mode, job.key);
    const std::size_t number = plans.size();
    DF_ASSIGN(RestorePlan plan, make_plan(job.index, zeros, order, static_cast<std::uint32_t>(number),
                                          held.empty() ? HeldChunks() : held[number]));
    plans.push_back(std::move(plan));
  }
  return plans;
}

// How many chunks may hold a slot at this depth.
std::size_t slots_at(std::size_t depth, const EngineSettings& settings) {
  if (settings.decode_on != DecodeOn::lanes) return depth;
  return lane_slots(depth, static_cast<std::size_t>(settings.threads));
}

SlotLayout slot_layout(const std::vector<ImageTarget>& images, const EngineSettings& settings) {
  const auto depth = static_cast<std::size_t>(settings.depth);
  SlotLayout layout{slots_at(depth, settings), 2 * depth, 0, settings.buffers, kBlobHeaderSize};
  for (const ImageTarget& image : images) {
    layout.chunk_size = std::max(layout.chunk_size, image.job.index.chunk_size);
    if (image.job.crypt_mode == CryptMode::encrypt) layout.blob_header_bytes = kEncryptedBlobHeaderSize;
  }
  return layout;
}

std::unique_ptr<HotChunkCache> make_cache(const std::vector<ImageTarget>& images, int chunks) {
  if (chunks == 0) return nullptr;
  std::vector<Digest> hot;
  for (const ImageTarget& image : images) {
    const auto more = hot_digests(image.job.index.digests, static_cast<std::size_t>(chunks));
    hot.insert(hot.end(), more.begin(), more.end());
  }
  return std::make_unique<HotChunkCache>(hot);
}

std::optional<DepthTuner> make_tuner(const EngineSettings& settings, const AutoSettings& automatic) {
  if (!settings.depth_auto && !settings.threads_auto) return std::nullopt;
  DepthLimits limits{settings.depth, std::max(1, settings.threads), settings.depth,
                     std::max(1, settings.threads)};
  if (settings.depth_auto) limits.depth_start = automatic.depth_start;
  if (settings.threads_auto) limits.threads_start = automatic.threads_start;
  return DepthTuner(limits, std::max(1, settings.writers), automatic.bystander);
}

bool window_permits(const ImageTarget& image, const PlannedChunk& chunk, const SlotPool& slots) {
  const auto window_bytes = image.sink.reorder_window_bytes();
  if (!window_bytes) return true;
  const auto first_unfinished = slots.first_position_taken(chunk.image);
  if (!first_unfinished) return true;
  const FixedIndex& index = image.job.index;
  const std::uint64_t end = index.chunk_offset(chunk.position) + index.chunk_length(chunk.position);
  return end - index.chunk_offset(*first_unfinished) <= *window_bytes;
}

Error located(const std::vector<ImageTarget>& images, const Error& error, std::uint32_t image,
              std::size_t position) {
  const FixedIndex& index = images[image].job.index;
  // Several chunks may have been written in one go.
  if (error.offset && *error.offset < index.image_bytes)
    position = static_cast<std::size_t>(*error.offset / index.chunk_size);
  const std::string name = images.size() > 1 ? std::string(images[image].name) + ": " : "";
  return error.with_context(fmt::format("{}chunk {} of {} at offset {} (digest {})", name, position,
                                        index.chunk_count(), index.chunk_offset(position),
                                        to_hex(index.digests[position])));
}

Error cancelled(const ProgressSample& progress) {
  return Error{ErrorKind::cancelled,
               fmt::format("restore cancelled after {} of {} chunks; the target is incomplete",
                           progress.chunks_done, progress.chunks_total)};
}

}  // namespace depthfinder
