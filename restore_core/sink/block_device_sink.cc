// SPDX-License-Identifier: MIT
#include "restore_core/sink/block_device_sink.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "restore_core/sink/image_range.h"

namespace depthfinder {
namespace {

Result<std::uint64_t> device_bytes(const TargetFile& device) {
  std::uint64_t bytes = 0;
  if (::ioctl(device.fd(), BLKGETSIZE64, &bytes) == 0) return bytes;
  return tl::make_unexpected(device.io_error("ask for the size of", errno));
}

// The device cannot do it, or not at this alignment: then zeros are written like data.
bool zeroing_unsupported(int error_number) {
  return error_number == EOPNOTSUPP || error_number == EINVAL || error_number == ENOTTY;
}

}  // namespace

Result<std::unique_ptr<Sink>> BlockDeviceSink::open(const std::string& path, std::uint64_t image_bytes) {
  DF_ASSIGN(TargetFile device, open_target(path, O_RDWR | O_EXCL));
  DF_ASSIGN(const std::uint64_t capacity, device_bytes(device));
  if (capacity < image_bytes)
    return fail(ErrorKind::bad_input,
                "device '{}' has {} bytes, the image {}; choose a device that is at least as large", path,
                capacity, image_bytes);
  return std::unique_ptr<Sink>(new BlockDeviceSink(std::move(device), image_bytes));
}

Result<void> BlockDeviceSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  return device_.write_at(offset, bytes);
}

Result<void> BlockDeviceSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  check_image_range(offset, length, image_bytes_);
  std::array<std::uint64_t, 2> range{offset, length};
  while (::ioctl(device_.fd(), BLKZEROOUT, range.data()) != 0) {
    if (errno == EINTR) continue;
    if (zeroing_unsupported(errno)) return device_.write_zeros_at(offset, length);
    return tl::make_unexpected(
        device_.io_error(fmt::format("zero {} bytes at offset {} of", length, offset), errno));
  }
  return {};
}

}  // namespace depthfinder
