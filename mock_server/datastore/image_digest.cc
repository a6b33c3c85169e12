// SPDX-License-Identifier: MIT
#include "mock_server/datastore/image_digest.h"

#include <string>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

bool lacks_key(const Error& error) {
  return error.reason == "manifest-key-missing" || error.reason == "manifest-key-mismatch" ||
         error.reason == "blob-missing-key";
}

Result<Manifest> load_manifest(const Datastore& store, const SnapshotId& snapshot, const CryptConfig* key) {
  DF_ASSIGN(const SharedBlob blob, store.file(snapshot, kManifestName));
  return read_manifest(*blob, key, snapshot.name);
}

// Fixed and dynamic indexes, by what they have in common.
struct ChunkRange {
  Digest digest;
  std::uint64_t length;
};

std::vector<ChunkRange> ranges_of(const FixedIndex& index) {
  std::vector<ChunkRange> ranges;
  ranges.reserve(index.chunk_count());
  for (std::size_t i = 0; i < index.chunk_count(); ++i)
    ranges.push_back({index.digests[i], index.chunk_length(i)});
  return ranges;
}

std::vector<ChunkRange> ranges_of(const DynamicIndex& index) {
  std::vector<ChunkRange> ranges;
  ranges.reserve(index.entries.size());
  for (std::size_t i = 0; i < index.entries.size(); ++i)
    ranges.push_back({index.entries[i].digest, index.chunk_length(i)});
  return ranges;
}

template <typename Index>
Result<std::vector<ChunkRange>> checked_ranges(const Result<Index>& index, const ManifestFile& listed) {
  if (!index) return pass_on(index.error());
  DF_TRY(check_index_against_manifest(*index, listed.csum, listed.size_bytes));
  return ranges_of(*index);
}

Result<Digest> sha256_of_chunks(const Datastore& store, const std::vector<ChunkRange>& ranges, CryptMode mode,
                                const CryptConfig* key) {
  Sha256 hash;
  for (const ChunkRange& range : ranges) {
    DF_ASSIGN(const SharedBlob blob, store.chunk(range.digest));
    auto payload = decode_chunk(*blob, mode, key, range.digest, range.length);
    if (!payload) return pass_on(payload.error(), "chunk " + to_hex(range.digest));
    hash.update(*payload);
  }
  return hash.finish();
}

Result<Digest> sha256_of_blob(ByteSpan blob, const ManifestFile& listed, const CryptConfig* key) {
  if (blob.size() != listed.size_bytes || sha256(blob) != listed.csum)
    return fail(ErrorKind::corrupt, "{} is not the blob that the manifest lists", listed.name);
  DF_ASSIGN(const Bytes content, decode_blob(blob, key));
  return sha256(content);
}

Result<Digest> sha256_of_archive(const Datastore& store, const SnapshotId& snapshot,
                                 const ManifestFile& listed, const CryptConfig* key) {
  DF_ASSIGN(const ArchiveKind kind, archive_kind(listed.name));
  DF_ASSIGN(const SharedBlob file, store.file(snapshot, listed.name));
  if (kind == ArchiveKind::blob) return sha256_of_blob(*file, listed, key);
  DF_ASSIGN(const auto ranges, kind == ArchiveKind::fixed_index
                                   ? checked_ranges(parse_fixed_index(*file), listed)
                                   : checked_ranges(parse_dynamic_index(*file), listed));
  return sha256_of_chunks(store, ranges, listed.crypt_mode, key);
}

Result<std::optional<Digest>> absent_without_key(const Result<Digest>& digest) {
  if (digest) return *digest;
  if (lacks_key(digest.error())) return std::nullopt;
  return pass_on(digest.error());
}

// The size of an archive as far as it shows without the key.
Result<std::uint64_t> visible_size(const Datastore& store, const SnapshotId& snapshot,
                                   const std::string& name) {
  DF_ASSIGN(const ArchiveKind kind, archive_kind(name));
  DF_ASSIGN(const SharedBlob file, store.file(snapshot, name));
  if (kind == ArchiveKind::blob) return file->size();
  if (kind == ArchiveKind::fixed_index) return parse_fixed_index(*file).map(&FixedIndex::image_bytes);
  return parse_dynamic_index(*file).map(&DynamicIndex::archive_bytes);
}

Result<std::vector<ArchiveInfo>> describe_without_key(const Datastore& store, const SnapshotId& snapshot) {
  std::vector<ArchiveInfo> archives;
  DF_ASSIGN(const auto names, store.files(snapshot));
  for (const std::string& name : names) {
    if (name == kManifestName || name == "client.log.blob") continue;  // in no manifest
    if (const auto size = visible_size(store, snapshot, name))
      archives.push_back({name, *size, std::nullopt});
  }
  return archives;
}

Result<std::vector<ArchiveInfo>> describe_archives(const Datastore& store, const SnapshotId& snapshot,
                                                   const CryptConfig* key, std::uint64_t& hash_bytes_left) {
  const auto manifest = load_manifest(store, snapshot, key);
  if (!manifest && lacks_key(manifest.error())) return describe_without_key(store, snapshot);
  if (!manifest) return pass_on(manifest.error());
  std::vector<ArchiveInfo> archives;
  for (const ManifestFile& listed : manifest->files) {
    ArchiveInfo info{listed.name, listed.size_bytes, store.known_image_sha256(snapshot, listed.name)};
    if (!info.image_sha256 && listed.size_bytes <= hash_bytes_left) {
      hash_bytes_left -= listed.size_bytes;
      if (const auto digest = sha256_of_archive(store, snapshot, listed, key)) info.image_sha256 = *digest;
    }
    archives.push_back(std::move(info));
  }
  return archives;
}

}  // namespace

Result<std::optional<Digest>> image_sha256(const Datastore& store, const SnapshotId& snapshot,
                                           std::string_view archive, const CryptConfig* key) {
  const auto manifest = load_manifest(store, snapshot, key);
  if (!manifest && lacks_key(manifest.error())) return std::nullopt;
  if (!manifest) return pass_on(manifest.error());
  DF_ASSIGN(const ManifestFile listed, manifest->find(archive));
  return absent_without_key(sha256_of_archive(store, snapshot, listed, key));
}

Result<std::vector<SnapshotInfo>> describe_snapshots(const Datastore& store, const CryptConfig* key,
                                                     std::uint64_t hash_bytes_max) {
  DF_ASSIGN(const std::vector<SnapshotId> snapshots, store.snapshots());
  std::vector<SnapshotInfo> infos;
  std::uint64_t hash_bytes_left = hash_bytes_max;
  for (const SnapshotId& snapshot : snapshots) {
    SnapshotInfo info{snapshot.name.to_string(), snapshot.ns.to_string(), {}};
    if (auto archives = describe_archives(store, snapshot, key, hash_bytes_left))
      info.archives = std::move(*archives);
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace depthfinder::mock
