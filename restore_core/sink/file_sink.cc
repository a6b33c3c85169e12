// SPDX-License-Identifier: MIT
#include "restore_core/sink/file_sink.h"

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
                                             const SinkOptions& options,
                                             const MakeExtentWriter& make_writer) {
  DF_ASSIGN(TargetFile file, open_target(path, O_RDWR | O_CREAT));
  DF_TRY(check_replaceable(file, options));
  std::unique_ptr<FileSink> sink(new FileSink(std::move(file), image_bytes));
  DF_ASSIGN(sink->writer_, make_writer(sink->file_));
  DF_TRY(set_size(sink->file_, 0));
  DF_TRY(set_size(sink->file_, image_bytes));
  return sink;
}

Result<void> FileSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  return write_run(offset, std::span(&bytes, 1));
}

Result<void> FileSink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  check_image_range(offset, byte_count(pieces), image_bytes_);
  return writer_->write(data_extents(offset, pieces));
}

Result<void> FileSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  // Each offset is written once, so the hole of the beginning is still there.
  check_image_range(offset, length, image_bytes_);
  return {};
}

std::string FileSink::description() const {
  return fmt::format("file '{}' by {}", file_.path(), writer_->description());
}

}  // namespace depthfinder
