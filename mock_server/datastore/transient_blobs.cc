// SPDX-License-Identifier: MIT
#include "mock_server/datastore/transient_blobs.h"

namespace depthfinder::mock {

std::optional<Result<SharedBlob>> TransientBlobs::borrow(const Digest& digest) {
  if (SharedBlob cached = datastore_.cached_chunk(digest)) return Result<SharedBlob>(std::move(cached));
  const std::uint64_t bytes = datastore_.chunk_bytes(digest);
  const std::uint64_t used_before = used_->fetch_add(bytes);
  // One of any length may always be out, or the largest would never be.
  if (used_before > 0 && used_before + bytes > kBytesMax) {
    *used_ -= bytes;
    return std::nullopt;
  }
  const std::shared_ptr<void> reservation(nullptr, [used = used_, bytes](void*) { *used -= bytes; });
  Result<SharedBlob> blob = datastore_.chunk(digest);
  // The datastore may have kept it after all: then it costs nothing more.
  if (!blob || datastore_.cached_chunk(digest)) return blob;
  // Keeps the reservation as long as the blob.
  using Held = std::pair<SharedBlob, std::shared_ptr<void>>;
  const auto held = std::make_shared<Held>(*blob, reservation);
  return Result<SharedBlob>(SharedBlob(held, held->first.get()));
}

}  // namespace depthfinder::mock
