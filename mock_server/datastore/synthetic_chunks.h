// SPDX-License-Identifier: MIT
// SyntheticChunks: the distinct chunks of a synthetic image, by digest. Immutable after make(), so every
// thread may use it. make() works on all cores: each chunk is filled once, for its digest and, as long as the
// cache has room, for its encoded blob. What the cache does not hold is filled and encoded again at each
// request, to the same bytes: the IVs of encrypted blobs derive from the digest. Beside it runs the SHA-256
// of the whole image, which no second core can share.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/synthetic_content.h"
#include "mock_server/datastore/synthetic_image.h"
#include "mock_server/datastore/synthetic_plan.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder::mock {

struct SyntheticChunkOptions {
  SyntheticImage image;
  std::optional<CryptConfig> key;  // encrypts every chunk
  bool compress = true;
  std::uint64_t cache_bytes_max = 2ULL << 30;
};

// Larger images have no SHA-256: hashing them would delay the start by more than half a minute.
inline constexpr std::uint64_t kHashedImageBytesMax = 64ULL << 30;

class SyntheticChunks {
 public:
  // The image has passed check_synthetic_image. Errors: io (memory), bad_input (from the encoder).
  static Result<std::unique_ptr<SyntheticChunks>> make(const SyntheticChunkOptions& options);

  [[nodiscard]] std::size_t chunk_count() const { return plan_.chunk_count(); }
  [[nodiscard]] const Digest& digest_at(std::size_t position) const {
    return entries_[entry_at(position)].digest;
  }
  [[nodiscard]] bool has(const Digest& digest) const { return entry_by_digest_.contains(digest); }
  // The encoded blob. Errors: not_found; those of the encoder.
  [[nodiscard]] Result<SharedBlob> find(const Digest& digest) const;
  // The same if the cache holds it; null otherwise.
  [[nodiscard]] SharedBlob find_cached(const Digest& digest) const;
  // The blob's length, by the compression aimed at where it is not in the cache; 0 when there is no such chunk.
  [[nodiscard]] std::uint64_t blob_bytes(const Digest& digest) const;
  [[nodiscard]] const std::optional<Digest>& image_sha256() const { return image_sha256_; }
  [[nodiscard]] std::uint64_t cached_bytes() const { return cached_bytes_; }

 private:
  struct Entry {
    ContentId content = kZeroContent;
    std::uint64_t length = 0;
    Digest digest{};
    SharedBlob blob;  // null when the cache had no room
  };

  explicit SyntheticChunks(const SyntheticChunkOptions& options);
  [[nodiscard]] const Entry* entry_of(const Digest& digest) const;
  void list_entries();
  [[nodiscard]] std::size_t entry_at(std::size_t position) const;
  Result<void> make_entries();
  Result<void> make_entries_from(std::atomic<std::size_t>& next);
  Result<void> make_entry(Entry& entry, MutableByteSpan payload);
  Result<void> hash_image();
  [[nodiscard]] Result<Bytes> encode(const Entry& entry, ByteSpan payload) const;

  SyntheticChunkOptions options_;
  SyntheticPlan plan_;
  SyntheticContent content_;
  std::vector<Entry> entries_;  // the contents by their number, then the zero chunks
  std::size_t zero_entry_ = 0;  // of full length
  std::size_t short_zero_entry_ = 0;
  std::unordered_map<Digest, std::size_t, DigestHash> entry_by_digest_;
  std::optional<Digest> image_sha256_;
  std::atomic<std::uint64_t> cached_bytes_{0};
};

}  // namespace depthfinder::mock
