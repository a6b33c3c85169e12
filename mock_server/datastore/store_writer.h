// SPDX-License-Identifier: MIT
// StoreWriter: creates and extends a datastore directory in PBS's own layout (pbs-protocol B.3, B.4). It
// holds the shared lock that keeps garbage collection away. insert_chunk is thread-safe, the rest is for one
// thread.
//
// Chunks appear whole or not at all (temporary file, rename) but are not synced: an index and a manifest are,
// before they appear. So after a crash of the process everything listed is readable; after a crash of the
// host the newest chunks may be missing, which a verification finds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder::mock {

// A snapshot being written: its directory is removed again unless it is finished.
class UnfinishedSnapshot {
 public:
  explicit UnfinishedSnapshot(std::filesystem::path directory) : directory_(std::move(directory)) {}
  UnfinishedSnapshot(UnfinishedSnapshot&& other) noexcept { directory_.swap(other.directory_); }
  UnfinishedSnapshot& operator=(UnfinishedSnapshot&&) = delete;
  ~UnfinishedSnapshot();

  // Atomically, and synced. Error: io.
  Result<void> write_file(std::string_view name, ByteSpan bytes) const;
  // The manifest, whose presence says that the backup is complete. Error: io.
  Result<void> finish(ByteSpan manifest);

 private:
  std::filesystem::path directory_;  // empty: nothing to remove
};

class StoreWriter {
 public:
  // Makes the store with all its chunk directories when the directory is missing or empty. Errors: bad_input
  // (a directory with something else in it; locked by garbage collection), io.
  static Result<StoreWriter> open(const std::filesystem::path& directory);

  [[nodiscard]] bool has_chunk(const Digest& digest) const;
  // Replaces what is there. Error: io.
  Result<void> insert_chunk(const Digest& digest, ByteSpan blob) const;

  // Makes the namespace, the group (owned by root@pam when it is new) and the snapshot's directory. Errors:
  // bad_input (names; the snapshot exists), io.
  Result<UnfinishedSnapshot> begin_snapshot(const Namespace& ns, const SnapshotName& name) const;

 private:
  StoreWriter(std::filesystem::path directory, UniqueFd lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}
  [[nodiscard]] std::filesystem::path chunk_path(const Digest& digest) const;

  std::filesystem::path directory_;
  UniqueFd lock_;
};

}  // namespace depthfinder::mock
