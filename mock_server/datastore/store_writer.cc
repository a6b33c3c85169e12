// SPDX-License-Identifier: MIT
#include "mock_server/datastore/store_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::mock {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kChunkDirectories = 0x10000;
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kFileMode = 0644;

Result<void> make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return pass_on(errno_error("create directory", path, error.value()));
  return {};
}

// Made in order, so the last one tells whether an earlier attempt got through.
Result<void> make_chunk_directories(const fs::path& chunks) {
  std::error_code ignored;
  if (fs::is_directory(chunks / "ffff", ignored)) return {};
  DF_TRY(make_directories(chunks));
  for (unsigned i = 0; i < kChunkDirectories; ++i) {
    const fs::path path = chunks / fmt::format("{:04x}", i);
    if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST)
      return pass_on(errno_error("create directory", path, errno));
  }
  return {};
}

// Below a store's directory nothing is followed: a link there could lead what is written anywhere.
Result<void> refuse_links(const fs::path& root, const fs::path& below) {
  fs::path path = root;
  for (const fs::path& component : below) {
    path /= component;
    std::error_code ignored;
    if (fs::is_symlink(path, ignored))
      return fail(ErrorKind::bad_input, "{} is a symbolic link; links inside a datastore are not followed",
                  path.string());
  }
  return {};
}

Result<void> refuse_foreign_directory(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory / ".chunks", error) || fs::is_empty(directory, error)) return {};
  if (error) return pass_on(errno_error("list", directory, error.value()));
  return fail(ErrorKind::bad_input,
              "{} holds something else than a datastore (there is no .chunks in it); name an empty or a new "
              "directory",
              directory.string());
}

// A lock of the open file (not of the process), so that two writers in one process do not undo each other's.
Result<UniqueFd> lock_shared(const fs::path& path) {
  UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, kFileMode);
  if (!fd) return pass_on(errno_error("open", path, errno));
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd.get(), F_OFD_SETLK, &lock) == 0) return fd;
  if (errno == EAGAIN || errno == EACCES)
    return fail(ErrorKind::bad_input, "{} is locked; garbage collection seems to run, try again later",
                path.string());
  return pass_on(errno_error("lock", path, errno));
}

Result<void> write_new_file(const fs::path& path, ByteSpan bytes) {
  const UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kFileMode);
  if (!fd) return pass_on(errno_error("create", path, errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return pass_on(errno_error("write", path, errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> check_names(const Namespace& ns, const SnapshotName& name) {
  // Names may have been put together by hand; the parsers are the ones who know what is allowed.
  DF_ASSIGN(const Namespace parsed_ns, parse_namespace(ns.to_string()));
  DF_ASSIGN(const SnapshotName parsed_name, parse_snapshot_name(name.to_string()));
  if (parsed_ns == ns && parsed_name == name) return {};
  return fail(ErrorKind::bad_input, "'{}' in '{}' is no name of a snapshot", name.to_string(),
              ns.to_string());
}

}  // namespace

UnfinishedSnapshot::~UnfinishedSnapshot() {
  std::error_code ignored;  // what cannot be removed has no manifest and so is no finished backup
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

Result<void> UnfinishedSnapshot::write_file(std::string_view name, ByteSpan bytes) const {
  return write_file_atomically(directory_ / name, bytes);
}

Result<void> UnfinishedSnapshot::finish(ByteSpan manifest) {
  DF_TRY(write_file(kManifestName, manifest));
  directory_.clear();
  return {};
}

Result<StoreWriter> StoreWriter::open(const fs::path& directory) {
  DF_TRY(make_directories(directory));
  DF_TRY(refuse_foreign_directory(directory));
  DF_TRY(refuse_links(directory, ".chunks"));
  DF_TRY(make_chunk_directories(directory / ".chunks"));
  DF_ASSIGN(UniqueFd lock, lock_shared(directory / ".lock"));
  return StoreWriter(directory, std::move(lock));
}

fs::path StoreWriter::chunk_path(const Digest& digest) const {
  const std::string name = to_hex(digest);
  return directory_ / ".chunks" / name.substr(0, 4) / name;
}

bool StoreWriter::has_chunk(const Digest& digest) const {
  struct stat status {};
  return ::lstat(chunk_path(digest).c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

Result<void> StoreWriter::insert_chunk(const Digest& digest, ByteSpan blob) const {
  const fs::path path = chunk_path(digest);
  DF_TRY(refuse_links(path.parent_path().parent_path(), path.parent_path().filename()));
  // One name for each open of the store: neither processes nor threads of one meet (they never write the same
  // digest).
  const fs::path temporary = path.string() + fmt::format(".tmp.{}.{}", ::getpid(), lock_.get());
  auto written = write_new_file(temporary, blob);
  if (!written && written.error().kind == ErrorKind::not_found) {  // a store without all of its directories
    DF_TRY(make_directories(path.parent_path()));
    written = write_new_file(temporary, blob);
  }
  if (written && std::rename(temporary.c_str(), path.c_str()) != 0)
    written = pass_on(errno_error("rename to", path, errno));
  if (!written) ::unlink(temporary.c_str());
  return written;
}

Result<UnfinishedSnapshot> StoreWriter::begin_snapshot(const Namespace& ns, const SnapshotName& name) const {
  DF_TRY(check_names(ns, name));
  const fs::path snapshot = directory_ / (ns.to_path() + name.to_string());
  const fs::path group = snapshot.parent_path();
  DF_TRY(refuse_links(directory_, fs::path(ns.to_path() + name.to_string()).parent_path()));
  DF_TRY(make_directories(group));
  std::error_code ignored;
  if (!fs::exists(group / "owner", ignored))
    DF_TRY(write_file_atomically(group / "owner", as_bytes("root@pam\n")));
  if (::mkdir(snapshot.c_str(), kDirectoryMode) == 0) return UnfinishedSnapshot(snapshot);
  if (errno == EEXIST)
    return fail(ErrorKind::bad_input,
                "snapshot {} exists in {} already; choose another time (or remove {}, if no index.json.blob "
                "is in it)",
                name.to_string(), directory_.string(), snapshot.string());
  return pass_on(errno_error("create directory", snapshot, errno));
}

}  // namespace depthfinder::mock
