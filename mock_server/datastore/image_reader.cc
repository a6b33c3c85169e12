// SPDX-License-Identifier: MIT
#include "mock_server/datastore/image_reader.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/base/file.h"

namespace depthfinder::mock {

Result<ImageReader> ImageReader::open(const std::filesystem::path& path) {
  // O_NONBLOCK: a FIFO must be refused, not waited for.
  UniqueFd fd = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return pass_on(errno_error("open image", path, errno));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return pass_on(errno_error("examine image", path, errno));
  if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
    return fail(ErrorKind::bad_input, "image {} is neither a file nor a block device", path.string());
  const off_t end = ::lseek(fd.get(), 0, SEEK_END);  // st_size of a block device is 0
  if (end < 0) return pass_on(errno_error("measure image", path, errno));
  if (end == 0)
    return fail(ErrorKind::bad_input, "image {} is empty; a backup has at least one byte", path.string());
  return ImageReader(std::move(fd), path, static_cast<std::uint64_t>(end));
}

bool ImageReader::is_hole(std::uint64_t offset, std::uint64_t length) const {
  const off_t data = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
  if (data < 0) return errno == ENXIO;  // no data from here on; other errors: it cannot tell, so read
  return static_cast<std::uint64_t>(data) >= offset + length;
}

Result<void> ImageReader::read(std::uint64_t offset, MutableByteSpan out) const {
  // A file that shrank looks like one with a hole at its end, so the size is asked for again.
  if (is_hole(offset, out.size()) && ::lseek(fd_.get(), 0, SEEK_END) == static_cast<off_t>(size_bytes_)) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return {};
  }
  while (!out.empty()) {
    const ssize_t got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return pass_on(errno_error("read image", path_, errno));
    if (got == 0)
      return fail(ErrorKind::io, "image {} ends at byte {} although it had {} bytes; is it in use?",
                  path_.string(), offset, size_bytes_);
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace depthfinder::mock
