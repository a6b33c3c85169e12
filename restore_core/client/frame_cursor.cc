// SPDX-License-Identifier: MIT
#include "restore_core/client/frame_cursor.h"

#include <algorithm>

namespace depthfinder {
namespace {

constexpr std::uint8_t kDataType = 0x0;
constexpr std::uint8_t kPaddedFlag = 0x8;

}  // namespace

void FrameCursor::advance(ByteSpan bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), bytes_to_border());
    if (payload_left_ > 0) {
      payload_left_ -= taken;
    } else {
      std::copy_n(bytes.begin(), taken, header_.begin() + static_cast<std::ptrdiff_t>(header_length_));
      header_length_ += taken;
      if (header_length_ == header_.size()) read_header();
    }
    bytes = bytes.subspan(taken);
  }
}

void FrameCursor::read_header() {
  const auto big_endian = [this](std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | header_[at + i];
    return value;
  };
  header_length_ = 0;
  payload_left_ = big_endian(0, 3);
  body_stream_.reset();
  if (header_[3] == kDataType && (header_[4] & kPaddedFlag) == 0)
    body_stream_ = static_cast<std::int32_t>(big_endian(5, 4) & 0x7fffffffU);
}

}  // namespace depthfinder
