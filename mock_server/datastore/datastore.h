// SPDX-License-Identifier: MIT
// Datastore: what the mock serves, read only. Implementations: a synthetic image (synthetic_datastore.h) and
// a directory in PBS's layout (directory_datastore.h). All functions are thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder::mock {

// One encoded blob, shared between the cache and the requests that are sending it.
using SharedBlob = std::shared_ptr<const Bytes>;

struct SnapshotId {
  Namespace ns;
  SnapshotName name;
  friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
};

class Datastore {
 public:
  virtual ~Datastore() = default;

  // The store's name in requests: a safe id of 3 to 32 characters.
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Its directory, as error messages name it (without a slash at the end); a synthetic store makes one up.
  [[nodiscard]] virtual std::string path() const = 0;

  // Every snapshot of every namespace, sorted by namespace, type, id, time.
  [[nodiscard]] virtual Result<std::vector<SnapshotId>> snapshots() const = 0;
  [[nodiscard]] virtual bool has_snapshot(const SnapshotId& snapshot) const = 0;
  // The files of a snapshot that a server lists (*.fidx, *.didx, *.blob), sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> files(const SnapshotId& snapshot) const = 0;
  // The group's owner ("root@pam").
  [[nodiscard]] virtual std::string owner(const SnapshotId& snapshot) const = 0;

  // A raw file of the snapshot; the caller has checked that the name is a safe id. Errors: not_found, io.
  [[nodiscard]] virtual Result<SharedBlob> file(const SnapshotId& snapshot, std::string_view name) const = 0;
  // A raw chunk. Errors: not_found, io.
  [[nodiscard]] virtual Result<SharedBlob> chunk(const Digest& digest) const = 0;
  // The same where it lies in memory already, so that it costs none; null otherwise.
  [[nodiscard]] virtual SharedBlob cached_chunk(const Digest& /*digest*/) const { return nullptr; }
  // Its length in bytes, or about that where it must be made first; 0 when it is not there.
  [[nodiscard]] virtual std::uint64_t chunk_bytes(const Digest& digest) const {
    const Result<SharedBlob> blob = chunk(digest);
    return blob ? (*blob)->size() : 0;
  }

  // The SHA-256 of a restored archive where the store knows it without reading it (see image_digest.h
  // otherwise).
  [[nodiscard]] virtual std::optional<Digest> known_image_sha256(const SnapshotId& /*snapshot*/,
                                                                 std::string_view /*archive*/) const {
    return std::nullopt;
  }
};

}  // namespace depthfinder::mock
