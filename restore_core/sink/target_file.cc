// SPDX-License-Identifier: MIT
#include "restore_core/sink/target_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace depthfinder {
namespace {

// A restored disk may hold anybody's data: only the owner reads it.
constexpr mode_t kNewFileMode = 0600;
constexpr std::size_t kZeroPieceBytes = 1U << 20;

std::string_view remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "free space there, or choose another target";
    case EFBIG:
      return "the file system or a limit (ulimit -f) does not permit files of this size";
    case EIO:
      return "the storage reports a fault; look into the kernel's log";
    case EBUSY:
      return "it is mounted or held by another program; release it first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "check its permissions, or choose another target";
    default:
      return "check the target";
  }
}

// What another name or other rights would cure, as opposed to what the storage did.
bool is_users_choice(int error_number) {
  return error_number == EBUSY || error_number == EACCES || error_number == EPERM || error_number == EROFS;
}

Error system_error(std::string_view what, const std::string& path, int error_number) {
  const auto kind = is_users_choice(error_number) ? ErrorKind::bad_input : ErrorKind::io;
  return Error{kind, fmt::format("cannot {} '{}': {}; {}", what, path,
                                 std::generic_category().message(error_number), remedy(error_number))};
}

bool holes_unsupported(int error_number) {
  return error_number == EOPNOTSUPP || error_number == EINVAL || error_number == ENOSYS ||
         error_number == ENODEV;
}

// How many extents from the first on follow one another without a gap, as many as one system call takes.
std::size_t neighbours(std::span<const Extent> extents) {
  std::size_t count = 1;
  while (count < extents.size() && count < IOV_MAX && extents[count - 1].end() == extents[count].offset)
    ++count;
  return count;
}

std::vector<iovec> vectors_of(std::span<const Extent> extents) {
  std::vector<iovec> vectors;
  vectors.reserve(extents.size());
  // The kernel only reads from there.
  for (const Extent& extent : extents)
    vectors.push_back({const_cast<std::uint8_t*>(extent.bytes.data()), extent.bytes.size()});
  return vectors;
}

}  // namespace

Error TargetFile::io_error(std::string_view what, int error_number) const {
  Error error = system_error(what, path_, error_number);
  error.kind = ErrorKind::io;
  return error;
}

Error TargetFile::range_error(std::string_view verb, std::uint64_t offset, std::uint64_t length,
                              int error_number) const {
  Error error = io_error(fmt::format("{} {} bytes at offset {} of", verb, length, offset), error_number);
  error.offset = offset;
  return error;
}

Result<void> TargetFile::write_at(std::uint64_t offset, ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error_number = written < 0 ? errno : EIO;
      return tl::make_unexpected(range_error("write", offset, bytes.size(), error_number));
    }
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> TargetFile::write_extents(std::span<const Extent> extents) const {
  while (!extents.empty()) {
    const auto run = extents.first(neighbours(extents));
    const std::vector<iovec> vectors = vectors_of(run);
    const ssize_t result = ::pwritev(fd_.get(), vectors.data(), static_cast<int>(vectors.size()),
                                     static_cast<off_t>(run.front().offset));
    if (result < 0 && errno != EINTR) {  // nothing of the first extent was written
      const Extent& first = run.front();
      return tl::make_unexpected(range_error("write", first.offset, first.bytes.size(), errno));
    }
    // A call that wrote only a part: the rest goes extent by extent, which names the place of an error.
    auto written = static_cast<std::size_t>(std::max<ssize_t>(result, 0));
    for (const Extent& extent : run) {
      const std::size_t there = std::min(written, extent.bytes.size());
      written -= there;
      DF_TRY(write_at(extent.offset + there, extent.bytes.subspan(there)));
    }
    extents = extents.subspan(run.size());
  }
  return {};
}

Result<void> TargetFile::write_zeros_at(std::uint64_t offset, std::uint64_t length) const {
  static constexpr std::array<std::uint8_t, kZeroPieceBytes> kZeros{};
  while (length > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length, kZeros.size()));
    DF_TRY(write_at(offset, ByteSpan(kZeros).first(piece)));
    offset += piece;
    length -= piece;
  }
  return {};
}

Result<void> TargetFile::punch_hole_at(std::uint64_t offset, std::uint64_t length) const {
  if (length == 0) return {};
  while (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                     static_cast<off_t>(length)) != 0) {
    if (errno == EINTR) continue;
    if (holes_unsupported(errno)) return write_zeros_at(offset, length);
    return tl::make_unexpected(range_error("zero", offset, length, errno));
  }
  return {};
}

Result<void> TargetFile::read_at(std::uint64_t offset, MutableByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t length = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return tl::make_unexpected(range_error("read", offset, bytes.size(), errno));
    if (length == 0)
      return fail(ErrorKind::io, "'{}' ends at offset {}, {} bytes too early; it was cut meanwhile", path_,
                  offset, bytes.size());
    offset += static_cast<std::uint64_t>(length);
    bytes = bytes.subspan(static_cast<std::size_t>(length));
  }
  return {};
}

// The position that this moves is nobody's: all reads and writes name theirs.
bool TargetFile::is_hole(std::uint64_t offset, std::uint64_t length) const {
  const off_t data = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
  if (data < 0) return errno == ENXIO;
  return static_cast<std::uint64_t>(data) >= offset + length;
}

Result<void> TargetFile::sync() const {
  while (::fsync(fd_.get()) != 0) {
    if (errno != EINTR) return tl::make_unexpected(io_error("make durable what was written to", errno));
  }
  return {};
}

Result<void> TargetFile::check_size(std::uint64_t bytes) const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return tl::make_unexpected(io_error("inspect", errno));
  if (static_cast<std::uint64_t>(status.st_size) == bytes) return {};
  return fail(ErrorKind::io,
              "'{}' has {} bytes instead of {}: another program changed it meanwhile; end that, then restore "
              "again with --overwrite",
              path_, status.st_size, bytes);
}

Result<void> TargetFile::check_path() const {
  struct stat opened {};
  struct stat named {};
  if (::fstat(fd_.get(), &opened) != 0) return tl::make_unexpected(io_error("inspect", errno));
  if (::stat(path_.c_str(), &named) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return tl::make_unexpected(io_error("find again", errno));
    return fail(ErrorKind::io, "'{}' was {} while it was restored to, and no image is there; restore again",
                path_, opened.st_nlink == 0 ? "removed" : "renamed");
  }
  if (opened.st_dev == named.st_dev && opened.st_ino == named.st_ino) return {};
  return fail(
      ErrorKind::io,
      "'{}' was replaced by another file while it was restored to, and does not hold the image; restore "
      "again",
      path_);
}

// The lock of a restore that was just killed may outlive it by the moment that the kernel takes to end its io_uring.
Result<void> TargetFile::lock() const {
  constexpr std::chrono::milliseconds kBetween{20};
  constexpr int kTries = 50;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return {};
    std::this_thread::sleep_for(kBetween);
  }
  return fail(ErrorKind::bad_input,
              "'{}' is being written by another restore; wait for its end, or choose another target", path_);
}

Result<TargetFile> open_target(const std::string& path, int flags) {
  UniqueFd fd = open_file(path, flags, kNewFileMode);
  if (!fd) return tl::make_unexpected(system_error("open", path, errno));
  return TargetFile(std::move(fd), path);
}

}  // namespace depthfinder
