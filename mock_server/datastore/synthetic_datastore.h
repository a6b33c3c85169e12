// SPDX-License-Identifier: MIT
// SyntheticDatastore: a store with one snapshot of one made-up disk, "vm/100/2025-07-07T08:00:00Z" with
// drive-scsi0.img.fidx, qemu-server.conf.blob and the manifest. Immutable after create(), so every thread may
// use it. The chunks and their cache are synthetic_chunks.h; creating takes as long as making them all once.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/synthetic_chunks.h"

namespace depthfinder::mock {

class SyntheticDatastore final : public Datastore {
 public:
  static constexpr std::string_view kArchiveName = "drive-scsi0.img.fidx";
  static constexpr std::string_view kConfigName = "qemu-server.conf.blob";

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
    return chunks_->find(digest);
  }
  [[nodiscard]] SharedBlob cached_chunk(const Digest& digest) const override {
    return chunks_->find_cached(digest);
  }
  [[nodiscard]] std::uint64_t chunk_bytes(const Digest& digest) const override {
    return chunks_->blob_bytes(digest);
  }
  [[nodiscard]] std::optional<Digest> known_image_sha256(const SnapshotId& snapshot,
                                                         std::string_view archive) const override;

  [[nodiscard]] std::uint64_t cached_bytes() const { return chunks_->cached_bytes(); }

 private:
  explicit SyntheticDatastore(std::unique_ptr<SyntheticChunks> chunks);
  Result<void> make_files(const SyntheticOptions& options);

  SnapshotId snapshot_;
  std::unique_ptr<SyntheticChunks> chunks_;
  std::map<std::string, SharedBlob, std::less<>> files_;
};

}  // namespace depthfinder::mock
