// SPDX-License-Identifier: MIT
// FrameCursor: where the next received byte stands among the HTTP/2 frames (RFC 9113, 4.1). It is shown every byte that
// the HTTP/2 library is given, so that a body can be received straight into its place. It checks nothing: that is the
// library's part. A plain value of the transport thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "restore_core/base/bytes.h"

namespace depthfinder {

class FrameCursor {
 public:
  void advance(ByteSpan bytes);

  // How far it is to the end of the frame header or the payload that the next byte is in; at least 1.
  [[nodiscard]] std::size_t bytes_to_border() const {
    return payload_left_ > 0 ? payload_left_ : header_.size() - header_length_;
  }

  // The stream whose body the next byte is of; nothing outside DATA frames, and in padded ones, where not every byte
  // is the body's.
  [[nodiscard]] std::optional<std::int32_t> body_stream() const {
    return payload_left_ > 0 ? body_stream_ : std::nullopt;
  }

 private:
  void read_header();

  std::array<std::uint8_t, 9> header_{};
  std::size_t header_length_ = 0;  // of the header that is being taken
  std::size_t payload_left_ = 0;
  std::optional<std::int32_t> body_stream_;  // of the frame whose payload is being taken
};

}  // namespace depthfinder
