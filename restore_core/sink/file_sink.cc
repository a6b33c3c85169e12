// SPDX-License-Identifier: MIT
#include "restore_core/sink/file_sink.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "restore_core/sink/image_range.h"

namespace depthfinder {
namespace {

// How many bytes it holds; whether they may go, or stay, is settled.
Result<std::uint64_t> usable_bytes(const TargetFile& file, std::uint64_t image_bytes,
                                   const SinkOptions& options) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return tl::make_unexpected(file.io_error("inspect", errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::bad_input, "'{}' is no regular file; choose another target", file.path());
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (options.old_data == OldData::require && bytes == 0)
    return fail(ErrorKind::bad_input, "'{}' is empty: there is nothing to reuse", file.path());
  if (options.old_data != OldData::drop && bytes != 0 && bytes != image_bytes)
    return fail(
        ErrorKind::bad_input,
        "'{}' has {} bytes, the image {}: only a file of the image's size can be gone on from; choose "
        "another target, or replace it with --overwrite alone",
        file.path(), bytes, image_bytes);
  if (bytes > 0 && options.old_data == OldData::drop && !options.overwrite)
    return fail(ErrorKind::bad_input, "'{}' already holds {} bytes; remove it, or give --overwrite",
                file.path(), bytes);
  return bytes;
}

Result<void> set_size(const TargetFile& file, std::uint64_t bytes) {
  while (::ftruncate(file.fd(), static_cast<off_t>(bytes)) != 0)
    if (errno != EINTR)
      return tl::make_unexpected(file.io_error(fmt::format("set the size to {} bytes of", bytes), errno));
  return {};
}

}  // namespace

Result<std::unique_ptr<Sink>> FileSink::open(const std::string& path, std::uint64_t image_bytes,
                                             const SinkOptions& options,
                                             const MakeExtentWriter& make_writer) {
  const bool may_make = options.old_data != OldData::require;
  DF_ASSIGN(TargetFile file, open_target(path, may_make ? O_RDWR | O_CREAT : O_RDWR));
  DF_TRY(file.lock());
  DF_ASSIGN(const std::uint64_t bytes, usable_bytes(file, image_bytes, options));
  const bool keep = options.old_data != OldData::drop && bytes > 0;
  std::unique_ptr<FileSink> sink(new FileSink(std::move(file), image_bytes, keep));
  DF_ASSIGN(sink->writer_, make_writer(sink->file_));
  if (keep) return sink;
  DF_TRY(set_size(sink->file_, std::max(bytes, image_bytes)));  // whether it can: old data goes only then
  DF_TRY(set_size(sink->file_, 0));
  DF_TRY(set_size(sink->file_, image_bytes));
  return sink;
}

Result<void> FileSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  return write_run(offset, std::span(&bytes, 1));
}

Result<void> FileSink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  check_image_range(offset, byte_count(pieces), image_bytes_);
  DF_TRY(file_.check_size(image_bytes_));  // or the write would make a hole of what was cut off
  if (!holds_old_data_) return writer_->write(data_extents(offset, pieces));
  std::vector<Extent> extents = split_at_zeros(offset, pieces);
  for (const Extent& extent : extents)
    if (extent.zeros) DF_TRY(file_.punch_hole_at(extent.offset, extent.bytes.size()));
  std::erase_if(extents, [](const Extent& extent) { return extent.zeros; });
  return writer_->write(extents);
}

Result<void> FileSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  check_image_range(offset, length, image_bytes_);
  if (holds_old_data_) return file_.punch_hole_at(offset, length);
  // Each offset is written once, so the hole of the beginning is still there.
  return {};
}

Result<void> FileSink::finish() {
  DF_TRY(file_.sync());
  DF_TRY(file_.check_size(image_bytes_));
  return file_.check_path();
}

Result<void> FileSink::read(std::uint64_t offset, MutableByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  return file_.read_at(offset, bytes);
}

std::string FileSink::description() const {
  return fmt::format("file '{}' by {}{}", file_.path(), writer_->description(),
                     holds_old_data_ ? ", old data kept" : "");
}

}  // namespace depthfinder
