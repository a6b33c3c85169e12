// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_datastore.h"

#include <algorithm>
#include <utility>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

constexpr std::int64_t kSnapshotTime_s = 1751875200;  // 2025-07-07T08:00:00Z

std::array<std::uint8_t, 16> sixteen_bytes_from(std::string_view purpose, const Digest& digest) {
  const Digest mixed = sha256({as_bytes(purpose), digest});
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(mixed.begin(), bytes.size(), bytes.begin());
  return bytes;
}

SharedBlob share(Bytes bytes) { return std::make_shared<const Bytes>(std::move(bytes)); }

FixedIndex make_index(const SyntheticChunks& chunks, std::uint64_t image_bytes) {
  FixedIndex index;
  index.ctime_s = kSnapshotTime_s;
  index.image_bytes = image_bytes;
  index.digests.reserve(chunks.chunk_count());
  for (std::size_t position = 0; position < chunks.chunk_count(); ++position)
    index.digests.push_back(chunks.digest_at(position));
  index.uuid = sixteen_bytes_from("depthfinder synthetic uuid", index.checksum());
  return index;
}

Result<Bytes> make_config_blob(const SyntheticOptions& options) {
  std::string text = "cores: 2\nmemory: 2048\nname: synthetic\n";
  for (std::size_t i = 0; i < options.images.size(); ++i)
    text += fmt::format("scsi{}: local:vm-100-disk-{},size={}\n", i, i, options.images[i].size_bytes);
  BlobEncoding encoding;
  encoding.compress = options.compress;
  if (options.key) {
    encoding.key = &*options.key;
    encoding.iv = sixteen_bytes_from("depthfinder synthetic config IV", sha256(as_bytes(text)));
  }
  return encode_blob(as_bytes(text), encoding);
}

}  // namespace

SyntheticDatastore::SyntheticDatastore() : snapshot_{{}, {BackupType::vm, "100", kSnapshotTime_s}} {}

std::string SyntheticDatastore::archive_name(std::size_t position) {
  return fmt::format("drive-scsi{}.img.fidx", position);
}

Result<std::unique_ptr<SyntheticDatastore>> SyntheticDatastore::create(const SyntheticOptions& options) {
  if (options.images.empty()) return fail(ErrorKind::bad_input, "there is no synthetic image to make");
  for (const SyntheticImage& image : options.images) DF_TRY(check_synthetic_image(image));
  std::unique_ptr<SyntheticDatastore> store(new SyntheticDatastore);
  DF_TRY(store->make_chunks(options));
  DF_TRY(store->make_files(options));
  return store;
}

Result<void> SyntheticDatastore::make_chunks(const SyntheticOptions& options) {
  for (const SyntheticImage& image : options.images) {
    DF_ASSIGN(auto chunks,
              SyntheticChunks::make({.image = image,
                                     .key = options.key,
                                     .compress = options.compress,
                                     .cache_bytes_max = options.cache_bytes_max - cached_bytes()}));
    images_.push_back(std::move(chunks));
  }
  return {};
}

Result<void> SyntheticDatastore::make_files(const SyntheticOptions& options) {
  const CryptMode mode = options.key ? CryptMode::encrypt : CryptMode::none;
  std::vector<ManifestFile> listed;
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const FixedIndex index = make_index(*images_[i], options.images[i].size_bytes);
    listed.push_back({archive_name(i), index.image_bytes, index.checksum(), mode});
    files_.emplace(archive_name(i), share(write_fixed_index(index)));
  }
  DF_ASSIGN(Bytes config, make_config_blob(options));
  listed.push_back({std::string(kConfigName), config.size(), sha256(config), mode});
  DF_ASSIGN(Bytes manifest, write_manifest(snapshot_.name, listed, options.key ? &*options.key : nullptr));
  files_.emplace(kConfigName, share(std::move(config)));
  files_.emplace(kManifestName, share(std::move(manifest)));
  return {};
}

Result<std::vector<std::string>> SyntheticDatastore::files(const SnapshotId& snapshot) const {
  if (!has_snapshot(snapshot))
    return fail(ErrorKind::not_found, "there is no snapshot {}", snapshot.name.to_string());
  std::vector<std::string> names;
  for (const auto& [name, blob] : files_) names.push_back(name);
  return names;
}

Result<SharedBlob> SyntheticDatastore::file(const SnapshotId& snapshot, std::string_view name) const {
  const auto found = files_.find(name);
  if (!has_snapshot(snapshot) || found == files_.end())
    return fail(ErrorKind::not_found, "there is no {} in snapshot {}", name, snapshot.name.to_string());
  return found->second;
}

std::optional<Digest> SyntheticDatastore::known_image_sha256(const SnapshotId& snapshot,
                                                             std::string_view archive) const {
  if (!has_snapshot(snapshot)) return std::nullopt;
  for (std::size_t i = 0; i < images_.size(); ++i)
    if (archive == archive_name(i)) return images_[i]->image_sha256();
  return std::nullopt;
}

std::uint64_t SyntheticDatastore::cached_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& image : images_) bytes += image->cached_bytes();
  return bytes;
}

const SyntheticChunks& SyntheticDatastore::holder_of(const Digest& digest) const {
  for (const auto& image : images_)
    if (image->has(digest)) return *image;
  return *images_.front();
}

}  // namespace depthfinder::mock
