// SPDX-License-Identifier: MIT
// SyntheticDatastore: a store with one snapshot of made-up disks, "vm/100/2025-07-07T08:00:00Z" with
// drive-scsi0.img.fidx (drive-scsi1.img.fidx, ...), qemu-server.conf.blob and the manifest. Immutable after
// create(), so every thread may use it. The chunks and their cache are synthetic_chunks.h, one for each image;
// creating takes as long as making them all once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/synthetic_chunks.h"

namespace depthfinder::mock {

struct SyntheticOptions {
  std::vector<SyntheticImage> images;  // at least one; those of the same seed share chunks
  std::optional<CryptConfig> key;      // encrypts every chunk, and signs the manifest
  bool compress = true;
  std::uint64_t cache_bytes_max = 2ULL << 30;  // of all images; the first come first
};

class SyntheticDatastore final : public Datastore {
 public:
  static constexpr std::string_view kConfigName = "qemu-server.conf.blob";
  static std::string archive_name(std::size_t position);

  // Errors: bad_input (check_synthetic_image), io (memory).
  static Result<std::unique_ptr<SyntheticDatastore>> create(const SyntheticOptions& options);

  [[nodiscard]] std::string_view name() const override { return "depthfinder"; }
  [[nodiscard]] std::string path() const override { return "/synthetic/depthfinder"; }
  [[nodiscard]] Result<std::vector<SnapshotId>> snapshots() const override { return std::vector{snapshot_}; }
  [[nodiscard]] bool has_snapshot(const SnapshotId& snapshot) const override { return snapshot == snapshot_; }
  [[nodiscard]] Result<std::vector<std::string>> files(const SnapshotId& snapshot) const override;
  [[nodiscard]] std::string owner(const SnapshotId& /*snapshot*/) const override { return "root@pam"; }
  [[nodiscard]] Result<SharedBlob> file(const SnapshotId& snapshot, std::string_view name) const override;
  [[nodiscard]] Result<SharedBlob> chunk(const Digest& digest) const override {
    return holder_of(digest).find(digest);
  }
  [[nodiscard]] SharedBlob cached_chunk(const Digest& digest) const override {
    return holder_of(digest).find_cached(digest);
  }
  [[nodiscard]] std::uint64_t chunk_bytes(const Digest& digest) const override {
    return holder_of(digest).blob_bytes(digest);
  }
  [[nodiscard]] std::optional<Digest> known_image_sha256(const SnapshotId& snapshot,
                                                         std::string_view archive) const override;

  [[nodiscard]] std::uint64_t cached_bytes() const;

 private:
  SyntheticDatastore();
  Result<void> make_chunks(const SyntheticOptions& options);
  Result<void> make_files(const SyntheticOptions& options);
  // The first image that has the chunk; one of those that do not where none has.
  [[nodiscard]] const SyntheticChunks& holder_of(const Digest& digest) const;

  SnapshotId snapshot_;
  std::vector<std::unique_ptr<SyntheticChunks>> images_;
  std::map<std::string, SharedBlob, std::less<>> files_;
};

}  // namespace depthfinder::mock
