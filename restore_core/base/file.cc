// SPDX-License-Identifier: MIT
#include "restore_core/base/file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/base/handle.h"

namespace depthfinder {
namespace {

Result<void> write_all(int fd, ByteSpan bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return pass_on(errno_error("write", path, errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_new(const std::filesystem::path& path, ByteSpan bytes, unsigned mode) {
  // Never what is there already: in a directory that others may write to, it could be their link or their file, open to
  // them whatever the mode says.
  ::unlink(path.c_str());
  const UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (!fd) return pass_on(errno_error("create", path, errno));
  DF_TRY(write_all(fd.get(), bytes, path));
  while (::fsync(fd.get()) != 0)
    if (errno != EINTR) return pass_on(errno_error("sync", path, errno));
  return {};
}

std::string_view remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free space there, or choose another place";
    case EFBIG:
      return "; the file system or a limit (ulimit -f) does not permit files of this size";
    case EIO:
      return "; the storage reports a fault: look into the kernel's log";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; check its permissions, or choose another place";
    default:
      return "";
  }
}

}  // namespace

Error errno_error(std::string_view what, const std::filesystem::path& path, int error_number) {
  return Error{error_number == ENOENT ? ErrorKind::not_found : ErrorKind::io,
               fmt::format("cannot {} {}: {}{}", what, path.string(),
                           std::generic_category().message(error_number), remedy(error_number)),
               {}};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const UniqueFd fd = open_file(path, O_RDONLY);
  if (!fd) return pass_on(errno_error("open", path, errno));
  Bytes bytes;
  struct stat status {};
  if (::fstat(fd.get(), &status) == 0 && S_ISDIR(status.st_mode))
    return pass_on(errno_error("read", path, EISDIR));
  bytes.resize(64 * 1024);
  std::size_t length = 0;
  while (true) {
    if (length == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(fd.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return pass_on(errno_error("read", path, errno));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
    if (length > max_bytes)
      return fail(ErrorKind::bad_input, "{} is larger than the {} bytes allowed here", path.string(),
                  max_bytes);
  }
  bytes.resize(length);
  return bytes;
}

Result<void> write_file_atomically(const std::filesystem::path& path, ByteSpan bytes, unsigned mode) {
  const std::filesystem::path temporary = path.string() + fmt::format(".tmp.{}", ::getpid());
  auto written = write_new(temporary, bytes, mode);
  if (written && std::rename(temporary.c_str(), path.c_str()) != 0)
    written = pass_on(errno_error("rename to", path, errno));
  if (!written) ::unlink(temporary.c_str());
  return written;
}

}  // namespace depthfinder
