// SPDX-License-Identifier: MIT
// Test support: a datastore in memory with one snapshot of one small image. Immutable, so any thread may read it. The
// image outlives it.
#pragma once

#include <algorithm>

#include "mock_server/datastore/datastore.h"
#include "restore_core/base/check.h"
#include "restore_core/engine/test_image.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::failures {

inline constexpr std::string_view kArchive = "drive-scsi0.img.fidx";

class TestImageStore final : public mock::Datastore {
 public:
  explicit TestImageStore(const testing_support::TestImage& image)
      : image_(image), snapshot_{{}, snapshot()} {
    const bool encrypted = image.crypt_mode == CryptMode::encrypt;
    const ManifestFile file{std::string(kArchive), image.index.image_bytes, image.index.checksum(),
                            image.crypt_mode};
    auto manifest = write_manifest(snapshot_.name, {file}, encrypted ? &image.key : nullptr);
    DF_CHECK(manifest.has_value());
    index_ = std::make_shared<const Bytes>(write_fixed_index(image.index));
    manifest_ = std::make_shared<const Bytes>(*std::move(manifest));
  }

  static SnapshotName snapshot() { return *parse_snapshot_name("vm/100/2025-07-07T08:00:00Z"); }

  [[nodiscard]] std::string_view name() const override { return "store"; }
  [[nodiscard]] std::string path() const override { return "/in/memory"; }
  [[nodiscard]] Result<std::vector<mock::SnapshotId>> snapshots() const override {
    return std::vector{snapshot_};
  }
  [[nodiscard]] bool has_snapshot(const mock::SnapshotId& snapshot) const override {
    return snapshot == snapshot_;
  }
  [[nodiscard]] Result<std::vector<std::string>> files(const mock::SnapshotId&) const override {
    return std::vector{std::string(kArchive), std::string(kManifestName)};
  }
  [[nodiscard]] std::string owner(const mock::SnapshotId&) const override { return "root@pam"; }
  [[nodiscard]] Result<mock::SharedBlob> file(const mock::SnapshotId&, std::string_view name) const override {
    if (name == kArchive) return index_;
    if (name == kManifestName) return manifest_;
    return fail(ErrorKind::not_found, "no such file");
  }
  [[nodiscard]] Result<mock::SharedBlob> chunk(const Digest& digest) const override {
    const auto found = image_.blobs.find(digest);
    if (found == image_.blobs.end()) return fail(ErrorKind::not_found, "no such chunk");
    return std::make_shared<const Bytes>(found->second);
  }

 private:
  const testing_support::TestImage& image_;
  const mock::SnapshotId snapshot_;
  mock::SharedBlob index_, manifest_;
};

}  // namespace depthfinder::failures
