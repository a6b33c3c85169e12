// SPDX-License-Identifier: MIT
#include "mock_server/datastore/directory_handle.h"

#include <algorithm>
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/base/file.h"

namespace depthfinder::mock {
namespace {

using DirectoryStream = Handle<DIR, ::closedir>;

Result<std::uint64_t> regular_file_size(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return pass_on(errno_error("examine", path, errno));
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::io, "{} is no regular file", path.string());
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

Result<DirectoryHandle> DirectoryHandle::open(const std::filesystem::path& path) {
  UniqueFd fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!fd) return pass_on(errno_error("open directory", path, errno));
  return DirectoryHandle(std::move(fd), path);
}

Result<UniqueFd> DirectoryHandle::open_entry(std::string_view name, int flags) const {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos)
    return fail(ErrorKind::bad_input, "'{}' is no name of an entry of {}", name, path_.string());
  const std::string entry(name);
  // O_NONBLOCK: opening a FIFO somebody put there must not wait for its writer.
  UniqueFd fd(::openat(fd_.get(), entry.c_str(), flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd) return fd;
  const int error_number = errno;
  if (error_number == ELOOP)
    return fail(ErrorKind::io, "{} is a symbolic link; links inside a datastore are not followed",
                (path_ / entry).string());
  return pass_on(errno_error("open", path_ / entry, error_number));
}

Result<DirectoryHandle> DirectoryHandle::subdirectory(std::string_view name) const {
  DF_ASSIGN(UniqueFd fd, open_entry(name, O_DIRECTORY));
  return DirectoryHandle(std::move(fd), path_ / name);
}

Result<std::vector<std::string>> DirectoryHandle::names() const {
  // A description of its own: two threads that list must not share a position.
  UniqueFd fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return pass_on(errno_error("open directory", path_, errno));
  const DirectoryStream stream(::fdopendir(fd.get()));
  if (!stream) return pass_on(errno_error("list", path_, errno));
  (void)fd.release();  // the stream closes it
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return pass_on(errno_error("list", path_, errno));
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::uint64_t> DirectoryHandle::file_bytes(std::string_view name) const {
  DF_ASSIGN(const UniqueFd fd, open_entry(name, 0));
  return regular_file_size(fd.get(), path_ / name);
}

Result<Bytes> DirectoryHandle::read_file(std::string_view name, std::uint64_t max_bytes) const {
  DF_ASSIGN(const UniqueFd fd, open_entry(name, 0));
  const std::filesystem::path path = path_ / name;
  DF_ASSIGN(const std::uint64_t size, regular_file_size(fd.get(), path));
  if (size > max_bytes)
    return fail(ErrorKind::bad_input, "{} has {} bytes; at most {} make sense there", path.string(), size,
                max_bytes);
  Bytes bytes(size);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return pass_on(errno_error("read", path, errno));
    if (got == 0) break;  // truncated meanwhile: what is left is what there is
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace depthfinder::mock
