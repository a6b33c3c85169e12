// SPDX-License-Identifier: MIT
#include "restore_core/sink/block_device_sink.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "restore_core/sink/image_range.h"

namespace depthfinder {
namespace {

// Zeroing takes whole blocks, and drops whole pages from the page cache: no page is both zeroed and written.
constexpr std::uint64_t kZeroAlignBytes = 64U << 10;

Result<std::uint64_t> device_bytes(const TargetFile& device) {
  std::uint64_t bytes = 0;
  if (::ioctl(device.fd(), BLKGETSIZE64, &bytes) == 0) return bytes;
  return tl::make_unexpected(device.io_error("ask for the size of", errno));
}

bool zeroing_unsupported(int error_number) {
  return error_number == EOPNOTSUPP || error_number == EINVAL || error_number == ENOTTY ||
         error_number == ENOSYS || error_number == ENODEV;
}

}  // namespace

Result<std::unique_ptr<Sink>> BlockDeviceSink::open(const std::string& path, std::uint64_t image_bytes,
                                                    const SinkOptions& options,
                                                    const MakeExtentWriter& make_writer) {
  DF_ASSIGN(TargetFile device, open_target(path, O_RDWR | O_EXCL));
  DF_ASSIGN(const std::uint64_t capacity, device_bytes(device));
  if (capacity < image_bytes)
    return fail(ErrorKind::bad_input,
                "device '{}' has {} bytes, the image {}; choose a device that is at least as large", path,
                capacity, image_bytes);
  std::unique_ptr<BlockDeviceSink> sink(
      new BlockDeviceSink(std::move(device), image_bytes, options.old_data != OldData::drop));
  DF_ASSIGN(sink->writer_, make_writer(sink->device_));
  return sink;
}

Result<void> BlockDeviceSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  return write_run(offset, std::span(&bytes, 1));
}

Result<void> BlockDeviceSink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  check_image_range(offset, byte_count(pieces), image_bytes_);
  std::vector<Extent> extents;
  extents.reserve(pieces.size());
  for (const ByteSpan piece : pieces) {
    if (!piece.empty()) extents.push_back({offset, piece, false});
    offset += piece.size();
  }
  return writer_->write(extents);
}

Result<void> BlockDeviceSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  check_image_range(offset, length, image_bytes_);
  const std::uint64_t end = offset + length;
  const std::uint64_t aligned_begin = (offset + kZeroAlignBytes - 1) / kZeroAlignBytes * kZeroAlignBytes;
  const std::uint64_t aligned_end = end / kZeroAlignBytes * kZeroAlignBytes;
  if (aligned_begin >= aligned_end) return device_.write_zeros_at(offset, length);

  for (Zeroing how = zeroing_; how != Zeroing::write; how = zeroing_) {
    DF_ASSIGN(const bool done, zero_aligned(how, aligned_begin, aligned_end - aligned_begin));
    if (done) {
      DF_TRY(device_.write_zeros_at(offset, aligned_begin - offset));
      return device_.write_zeros_at(aligned_end, end - aligned_end);
    }
    const Zeroing next = how == Zeroing::deallocate ? Zeroing::kernel : Zeroing::write;
    zeroing_.compare_exchange_strong(how, next);
  }
  return device_.write_zeros_at(offset, length);
}

Result<bool> BlockDeviceSink::zero_aligned(Zeroing how, std::uint64_t offset, std::uint64_t length) {
  for (;;) {
    std::array<std::uint64_t, 2> range{offset, length};
    const int result = how == Zeroing::deallocate
                           ? ::fallocate(device_.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                         static_cast<off_t>(offset), static_cast<off_t>(length))
                           : ::ioctl(device_.fd(), BLKZEROOUT, range.data());
    if (result == 0) return true;
    if (errno == EINTR) continue;
    if (zeroing_unsupported(errno)) return false;
    return tl::make_unexpected(device_.range_error("zero", offset, length, errno));
  }
}

Result<void> BlockDeviceSink::read(std::uint64_t offset, MutableByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  return device_.read_at(offset, bytes);
}

std::string BlockDeviceSink::description() const {
  return fmt::format("block device '{}' by {}{}", device_.path(), writer_->description(),
                     keep_ ? ", old data kept" : "");
}

}  // namespace depthfinder
