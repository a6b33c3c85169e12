// SPDX-License-Identifier: MIT
#include "mock_server/datastore/directory_datastore.h"

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "restore_core/base/file.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder::mock {
namespace {

constexpr std::size_t kNamespaceDepthMax = 7;
constexpr std::uint64_t kChunkFileBytesMax = kChunkPayloadMax + kEncryptedBlobHeaderSize;
// The largest file of a snapshot is an index: 1 GiB is one of 128 TiB.
constexpr std::uint64_t kSnapshotFileBytesMax = 1ULL << 30;
constexpr std::uint64_t kOwnerFileBytesMax = 4096;

// Visits the subdirectories whose names pass `accept`, one open at a time: a store may have more groups than
// a process may have files. One that cannot be opened is left out.
template <typename Accept, typename Visit>
Result<void> for_each_subdirectory(const DirectoryHandle& directory, Accept accept, Visit visit) {
  DF_ASSIGN(const std::vector<std::string> names, directory.names());
  for (const std::string& name : names) {
    if (!accept(name)) continue;
    if (const auto opened = directory.subdirectory(name)) DF_TRY(visit(name, *opened));
  }
  return {};
}

bool is_snapshot_time(std::string_view name) { return parse_utc(name).has_value(); }

Result<void> list_type(const DirectoryHandle& type_directory, const Namespace& ns, BackupType type,
                       std::vector<SnapshotId>& snapshots) {
  return for_each_subdirectory(
      type_directory, is_safe_id, [&](const std::string& id, const DirectoryHandle& group) {
        return for_each_subdirectory(group, is_snapshot_time,
                                     [&](const std::string& time, const DirectoryHandle&) -> Result<void> {
                                       snapshots.push_back({ns, {type, id, parse_utc(time).value()}});
                                       return {};
                                     });
      });
}

Result<void> list_namespace(const DirectoryHandle& directory, const Namespace& ns,
                            std::vector<SnapshotId>& snapshots) {
  for (const BackupType type : {BackupType::vm, BackupType::ct, BackupType::host})
    if (const auto type_directory = directory.subdirectory(backup_type_name(type)))
      DF_TRY(list_type(*type_directory, ns, type, snapshots));
  const auto children = directory.subdirectory("ns");
  if (!children || ns.components.size() == kNamespaceDepthMax) return {};
  return for_each_subdirectory(*children, is_safe_id,
                               [&](const std::string& name, const DirectoryHandle& child) {
                                 Namespace inner = ns;
                                 inner.components.push_back(name);
                                 return list_namespace(child, inner, snapshots);
                               });
}

auto sort_key(const SnapshotId& snapshot) {
  return std::tuple(snapshot.ns.components, backup_type_name(snapshot.name.type), snapshot.name.id,
                    snapshot.name.time_s);
}

Result<DirectoryHandle> descend(const DirectoryHandle& from, const std::vector<std::string_view>& names) {
  DF_ASSIGN(DirectoryHandle directory, from.subdirectory(names.front()));
  for (std::size_t i = 1; i < names.size(); ++i) {
    DF_ASSIGN(DirectoryHandle next, directory.subdirectory(names[i]));
    directory = std::move(next);
  }
  return directory;
}

}  // namespace

std::string store_name_from(const std::filesystem::path& directory) {
  const std::filesystem::path normal = std::filesystem::absolute(directory).lexically_normal();
  std::string name = (normal.has_filename() ? normal : normal.parent_path()).filename().string();
  name.resize(std::min<std::size_t>(name.size(), 32));
  for (char& c : name)
    if (!is_safe_id(std::string("x") + c)) c = '_';
  if (name.empty()) name.push_back('_');
  if (!is_safe_id(name)) name.front() = '_';
  return name.size() < 3 ? name + "-store" : name;
}

DirectoryDatastore::DirectoryDatastore(DirectoryHandle root, DirectoryHandle chunks,
                                       const DirectoryDatastoreOptions& options)
    : root_(std::move(root)),
      chunks_(std::move(chunks)),
      name_(store_name_from(root_.path())),
      cache_(options.cache_bytes_max) {}

Result<std::unique_ptr<DirectoryDatastore>> DirectoryDatastore::open(
    const std::filesystem::path& path, const DirectoryDatastoreOptions& options) {
  std::filesystem::path plain = path;
  if (!plain.has_filename() && plain.has_parent_path() && plain != plain.root_path())
    plain = plain.parent_path();
  DF_ASSIGN(DirectoryHandle root, DirectoryHandle::open(plain));
  auto chunks = root.subdirectory(".chunks");
  if (!chunks)
    return fail(ErrorKind::bad_input, "{} is no datastore directory: {}", plain.string(),
                chunks.error().message);
  return std::unique_ptr<DirectoryDatastore>(
      new DirectoryDatastore(std::move(root), std::move(*chunks), options));
}

Result<std::vector<SnapshotId>> DirectoryDatastore::snapshots() const {
  std::vector<SnapshotId> snapshots;
  DF_TRY(list_namespace(root_, {}, snapshots));
  std::sort(snapshots.begin(), snapshots.end(),
            [](const SnapshotId& a, const SnapshotId& b) { return sort_key(a) < sort_key(b); });
  return snapshots;
}

Result<DirectoryHandle> DirectoryDatastore::group_directory(const SnapshotId& snapshot) const {
  std::vector<std::string_view> names;
  for (const std::string& component : snapshot.ns.components) {
    names.emplace_back("ns");
    names.emplace_back(component);
  }
  names.push_back(backup_type_name(snapshot.name.type));
  names.emplace_back(snapshot.name.id);
  if (!std::all_of(names.begin(), names.end(), is_safe_id))
    return fail(ErrorKind::bad_input, "'{}' in '{}' is no name of a snapshot", snapshot.name.to_string(),
                snapshot.ns.to_string());
  return descend(root_, names);
}

Result<DirectoryHandle> DirectoryDatastore::snapshot_directory(const SnapshotId& snapshot) const {
  DF_ASSIGN(const DirectoryHandle group, group_directory(snapshot));
  return group.subdirectory(format_utc(snapshot.name.time_s));
}

bool DirectoryDatastore::has_snapshot(const SnapshotId& snapshot) const {
  return snapshot_directory(snapshot).has_value();
}

Result<std::vector<std::string>> DirectoryDatastore::files(const SnapshotId& snapshot) const {
  DF_ASSIGN(const DirectoryHandle directory, snapshot_directory(snapshot));
  DF_ASSIGN(std::vector<std::string> names, directory.names());
  names.erase(
      std::remove_if(names.begin(), names.end(),
                     [](const std::string& name) { return !is_safe_id(name) || !archive_kind(name); }),
      names.end());
  return names;
}

std::string DirectoryDatastore::owner(const SnapshotId& snapshot) const {
  static constexpr std::string_view kDefaultOwner = "root@pam";
  const auto group = group_directory(snapshot);
  if (!group) return std::string(kDefaultOwner);
  const auto content = group->read_file("owner", kOwnerFileBytesMax);
  if (!content) return std::string(kDefaultOwner);
  const std::string_view text = as_text(*content);
  return std::string(text.substr(0, text.find('\n')));
}

Result<SharedBlob> DirectoryDatastore::file(const SnapshotId& snapshot, std::string_view name) const {
  if (!is_safe_id(name)) return fail(ErrorKind::bad_input, "'{}' is no name of a file of a snapshot", name);
  DF_ASSIGN(const DirectoryHandle directory, snapshot_directory(snapshot));
  DF_ASSIGN(Bytes bytes, directory.read_file(name, kSnapshotFileBytesMax));
  return std::make_shared<const Bytes>(std::move(bytes));
}

Result<DirectoryHandle> DirectoryDatastore::chunk_directory(const std::string& name) const {
  const std::string prefix = name.substr(0, 4);
  auto directory = chunks_.subdirectory(prefix);
  if (!directory && directory.error().kind == ErrorKind::not_found)
    return pass_on(errno_error("open", chunks_.path() / prefix / name, ENOENT));
  return directory;
}

Result<SharedBlob> DirectoryDatastore::chunk(const Digest& digest) const {
  if (SharedBlob cached = cache_.find(digest)) return cached;
  const std::string name = to_hex(digest);
  DF_ASSIGN(const DirectoryHandle directory, chunk_directory(name));
  DF_ASSIGN(Bytes bytes, directory.read_file(name, kChunkFileBytesMax));
  SharedBlob blob = std::make_shared<const Bytes>(std::move(bytes));
  cache_.insert(digest, blob);
  return blob;
}

std::uint64_t DirectoryDatastore::chunk_bytes(const Digest& digest) const {
  if (const SharedBlob cached = cache_.find(digest)) return cached->size();
  const std::string name = to_hex(digest);
  const auto directory = chunk_directory(name);
  return directory ? directory->file_bytes(name).value_or(0) : 0;
}

}  // namespace depthfinder::mock
