// SPDX-License-Identifier: MIT
// DirectoryDatastore: a directory in PBS's own layout (pbs-protocol B.3, B.4), read only: a real datastore, a
// copy of one, or what ingest.h wrote. All functions are thread-safe. Listings read the disk each time, as
// the real server's do; chunks are kept in a cache of encoded blobs until it is full. It takes no lock and verifies nothing: a
// corrupt chunk is served as it lies, for that is what restores must notice.
//
// Names are checked before they become paths, and symbolic links below the directory are not followed. What
// does not look like a namespace, group or snapshot is left out of listings.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/datastore/blob_cache.h"
#include "mock_server/datastore/datastore.h"
#include "mock_server/datastore/directory_handle.h"

namespace depthfinder::mock {

struct DirectoryDatastoreOptions {
  std::uint64_t cache_bytes_max = 1ULL << 30;  // 0: every chunk is read from the disk
};

class DirectoryDatastore final : public Datastore {
 public:
  // Errors: not_found, io; bad_input when there is no .chunks in it.
  static Result<std::unique_ptr<DirectoryDatastore>> open(const std::filesystem::path& path,
                                                          const DirectoryDatastoreOptions& options = {});

  // The directory's own name, as a safe id of 3 to 32 characters.
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string path() const override { return root_.path().string(); }
  [[nodiscard]] Result<std::vector<SnapshotId>> snapshots() const override;
  [[nodiscard]] bool has_snapshot(const SnapshotId& snapshot) const override;
  [[nodiscard]] Result<std::vector<std::string>> files(const SnapshotId& snapshot) const override;
  // "root@pam" where the owner file is missing or unreadable.
  [[nodiscard]] std::string owner(const SnapshotId& snapshot) const override;
  [[nodiscard]] Result<SharedBlob> file(const SnapshotId& snapshot, std::string_view name) const override;
  [[nodiscard]] Result<SharedBlob> chunk(const Digest& digest) const override;
  [[nodiscard]] SharedBlob cached_chunk(const Digest& digest) const override { return cache_.find(digest); }
  [[nodiscard]] std::uint64_t chunk_bytes(const Digest& digest) const override;

 private:
  DirectoryDatastore(DirectoryHandle root, DirectoryHandle chunks, const DirectoryDatastoreOptions& options);
  // The directory of the chunk file `name`. Errors: not_found, naming that file; io.
  [[nodiscard]] Result<DirectoryHandle> chunk_directory(const std::string& name) const;
  [[nodiscard]] Result<DirectoryHandle> group_directory(const SnapshotId& snapshot) const;
  [[nodiscard]] Result<DirectoryHandle> snapshot_directory(const SnapshotId& snapshot) const;

  DirectoryHandle root_;
  DirectoryHandle chunks_;
  std::string name_;
  mutable BlobCache cache_;
};

// "pool/My Store" -> "My_Store": what is no safe id becomes '_', short names get "-store", long ones are cut.
std::string store_name_from(const std::filesystem::path& directory);

}  // namespace depthfinder::mock
