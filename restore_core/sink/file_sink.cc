// SPDX-License-Identifier: MIT
#include "restore_core/sink/file_sink.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/sink/image_range.h"

namespace depthfinder {
namespace {

Result<void> check_replaceable(const TargetFile& file, const SinkOptions& options) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return tl::make_unexpected(file.io_error("inspect", errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::bad_input, "'{}' is no regular file; choose another target", file.path());
  if (status.st_size > 0 && !options.overwrite)
    return fail(ErrorKind::bad_input, "'{}' already holds {} bytes; remove it, or give --overwrite",
                file.path(), status.st_size);
  return {};
}

Result<void> set_size(const TargetFile& file, std::uint64_t bytes) {
  if (::ftruncate(file.fd(), static_cast<off_t>(bytes)) == 0) return {};
  return tl::make_unexpected(file.io_error(fmt::format("set the size to {} bytes of", bytes), errno));
}

}  // namespace

Result<std::unique_ptr<Sink>> FileSink::open(const std::string& path, std::uint64_t image_bytes,
                                             const SinkOptions& options) {
  DF_ASSIGN(TargetFile file, open_target(path, O_RDWR | O_CREAT));
  DF_TRY(check_replaceable(file, options));
  DF_TRY(set_size(file, 0));
  DF_TRY(set_size(file, image_bytes));
  return std::unique_ptr<Sink>(new FileSink(std::move(file), image_bytes));
}

Result<void> FileSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  std::size_t run_begin = 0;  // of the pieces that hold data and are written in one call
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto to_border = static_cast<std::size_t>(kHoleBytes - (offset + at) % kHoleBytes);
    const std::size_t piece = std::min(to_border, bytes.size() - at);
    if (is_zero(bytes.subspan(at, piece))) {
      DF_TRY(file_.write_at(offset + run_begin, bytes.subspan(run_begin, at - run_begin)));
      run_begin = at + piece;
    }
    at += piece;
  }
  return file_.write_at(offset + run_begin, bytes.subspan(run_begin));
}

Result<void> FileSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  // Each offset is written once, so the hole of the beginning is still there.
  check_image_range(offset, length, image_bytes_);
  return {};
}

}  // namespace depthfinder
