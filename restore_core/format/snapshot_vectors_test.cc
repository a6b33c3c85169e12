// SPDX-License-Identifier: MIT
// Restores whole snapshots from datastore directories, by the public functions alone: the made-up store of
// the vectors, and the one that the real client and server wrote.
#include <gtest/gtest.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/key_file.h"
#include "restore_core/format/manifest.h"
#include "restore_core/format/test_vectors.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

namespace fs = std::filesystem;

struct StoredSnapshot {
  fs::path store;
  fs::path directory;
  const CryptConfig* key = nullptr;
};

Result<Bytes> read_chunk(const StoredSnapshot& snapshot, CryptMode mode, const Digest& digest,
                         std::uint64_t length) {
  const std::string hex = to_hex(digest);
  const Bytes blob = read_test_file(snapshot.store / ".chunks" / hex.substr(0, 4) / hex);
  return decode_chunk(blob, mode, snapshot.key, digest, length);
}

Result<Bytes> restore_fixed(const StoredSnapshot& snapshot, const ManifestFile& file, ByteSpan bytes) {
  DF_ASSIGN(const FixedIndex index, parse_fixed_index(bytes));
  DF_TRY(check_index_against_manifest(index, file.csum, file.size_bytes));
  Bytes image;
  for (std::size_t i = 0; i < index.chunk_count(); ++i) {
    DF_ASSIGN(const Bytes chunk,
              read_chunk(snapshot, file.crypt_mode, index.digests[i], index.chunk_length(i)));
    image.insert(image.end(), chunk.begin(), chunk.end());
  }
  return image;
}

Result<Bytes> restore_dynamic(const StoredSnapshot& snapshot, const ManifestFile& file, ByteSpan bytes) {
  DF_ASSIGN(const DynamicIndex index, parse_dynamic_index(bytes));
  DF_TRY(check_index_against_manifest(index, file.csum, file.size_bytes));
  Bytes archive;
  for (std::size_t i = 0; i < index.entries.size(); ++i) {
    DF_ASSIGN(const Bytes chunk,
              read_chunk(snapshot, file.crypt_mode, index.entries[i].digest, index.chunk_length(i)));
    archive.insert(archive.end(), chunk.begin(), chunk.end());
  }
  return archive;
}

Result<Bytes> restore_archive(const StoredSnapshot& snapshot, const ManifestFile& file) {
  const Bytes bytes = read_test_file(snapshot.directory / file.name);
  DF_ASSIGN(const ArchiveKind kind, archive_kind(file.name));
  switch (kind) {
    case ArchiveKind::fixed_index:
      return restore_fixed(snapshot, file, bytes);
    case ArchiveKind::dynamic_index:
      return restore_dynamic(snapshot, file, bytes);
    case ArchiveKind::blob:
      break;
  }
  EXPECT_EQ(bytes.size(), file.size_bytes);
  EXPECT_EQ(sha256(bytes), file.csum);
  return decode_blob(bytes, snapshot.key);
}

class SnapshotVectors : public testing::TestWithParam<TestVector> {};

TEST_P(SnapshotVectors, RestoreEveryArchive) {
  const TestVector& vector = GetParam();
  const auto key = vector.key();
  const auto& archives = vector.expect().at("archives");
  const StoredSnapshot snapshot{vectors_directory() / "store",
                                vectors_directory() / vector.params().at("dir").get<std::string>(),
                                pointer_to(key)};
  const auto name = parse_snapshot_name(vector.params().at("snapshot").get<std::string>());
  ASSERT_TRUE(name) << name.error().message;
  const auto manifest = read_manifest(vector.file("manifest"), snapshot.key, *name);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->files.size(), archives.size());
  for (const ManifestFile& file : manifest->files) {
    SCOPED_TRACE(file.name);
    const auto& expect = archives.at(file.name);
    EXPECT_EQ(crypt_mode_name(file.crypt_mode), expect.at("crypt-mode"));
    const auto content = restore_archive(snapshot, file);
    ASSERT_TRUE(content) << content.error().message;
    EXPECT_EQ(content->size(), expect.at("size"));
    EXPECT_EQ(to_hex(sha256(*content)), expect.at("sha256"));
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, SnapshotVectors, testing::ValuesIn(vectors_of_kind("snapshot")),
                         vector_test_name);

struct RealSnapshot {
  const char* test_name;
  const char* path;
  const char* key_file;  // nullptr: none
  CryptMode mode;
};

void PrintTo(const RealSnapshot& snapshot, std::ostream* out) { *out << snapshot.path; }

class RealStore : public testing::TestWithParam<RealSnapshot> {
 protected:
  static constexpr const char* kArchive = "drive-scsi0.img.fidx";
  static constexpr const char* kImageSha256 =
      "1977db9d85c6970d666266f414aba1057f895591b60cb7d723accc04789b67ca";
  static constexpr std::uint64_t kImageBytes = 13383689;

  [[nodiscard]] static std::optional<CryptConfig> key() {
    if (GetParam().key_file == nullptr) return std::nullopt;
    const auto password = []() -> Result<std::string> { return "key-pass-1"; };
    return read_key_file(read_test_file(vectors_directory() / GetParam().key_file), password).value();
  }
  [[nodiscard]] static StoredSnapshot stored(const CryptConfig* key) {
    const fs::path store = vectors_directory() / "real-store";
    return {store, store / GetParam().path, key};
  }
  [[nodiscard]] static Result<Manifest> manifest(const StoredSnapshot& snapshot) {
    const Bytes blob = read_test_file(snapshot.directory / kManifestName);
    return read_manifest(blob, snapshot.key, parse_snapshot_name(GetParam().path).value());
  }
};

TEST_P(RealStore, RestoresTheImage) {
  const auto config = key();
  const StoredSnapshot snapshot = stored(pointer_to(config));
  const auto read = manifest(snapshot);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->signature_checked, config.has_value());
  const auto file = read->find(kArchive);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->crypt_mode, GetParam().mode);
  EXPECT_EQ(file->size_bytes, kImageBytes);
  const auto image = restore_archive(snapshot, *file);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(to_hex(sha256(*image)), kImageSha256);
}

TEST_P(RealStore, WithoutItsKeyIsRefused) {
  if (GetParam().key_file == nullptr) GTEST_SKIP() << "made without a key";
  const auto read = manifest(stored(nullptr));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "manifest-key-missing");
}

TEST_P(RealStore, WithAnotherKeyIsRefused) {
  const CryptConfig other = test_key("a");
  const StoredSnapshot snapshot = stored(&other);
  const auto read = manifest(snapshot);
  if (GetParam().key_file == nullptr) {
    ASSERT_TRUE(read) << read.error().message;  // an unsigned snapshot needs no key, so any will do
    EXPECT_FALSE(read->signature_checked);
    return;
  }
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "manifest-key-mismatch");
}

// What stands between an encrypted image and a reader that looks past the manifest's fingerprint.
TEST_P(RealStore, EncryptedChunksNeedTheKey) {
  if (GetParam().mode != CryptMode::encrypt) GTEST_SKIP() << "not encrypted";
  const auto config = key();
  const auto file = manifest(stored(pointer_to(config))).value().find(kArchive).value();
  EXPECT_EQ(restore_archive(stored(nullptr), file).error().reason, "blob-missing-key");
  const CryptConfig other = test_key("b");
  EXPECT_EQ(restore_archive(stored(&other), file).error().reason, "blob-gcm-tag");
}

INSTANTIATE_TEST_SUITE_P(
    Snapshots, RealStore,
    testing::Values(RealSnapshot{"Plain", "vm/900/2026-11-24T03:39:11Z", nullptr, CryptMode::none},
                    RealSnapshot{"Encrypted", "vm/901/2026-11-24T03:38:44Z", "real-store-key-none.json",
                                 CryptMode::encrypt},
                    RealSnapshot{"SignOnly", "vm/902/2026-11-24T03:38:44Z", "real-store-key-none.json",
                                 CryptMode::sign_only},
                    RealSnapshot{"EncryptedScryptKey", "vm/903/2026-11-24T03:38:45Z",
                                 "real-store-key-scrypt.json", CryptMode::encrypt}),
    [](const testing::TestParamInfo<RealSnapshot>& param) { return std::string(param.param.test_name); });

}  // namespace
}  // namespace depthfinder
