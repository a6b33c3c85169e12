// SPDX-License-Identifier: MIT
// ResponseBody: where the body of one answer goes: into the caller's buffer, into a vector that grows up to a
// bound, or nowhere. The memory stays the caller's. Used by the transport thread.
#pragma once

#include <algorithm>
#include <cstring>

#include "restore_core/base/bytes.h"

namespace depthfinder {

class ResponseBody {
 public:
  static ResponseBody into(MutableByteSpan buffer) { return {buffer, nullptr, buffer.size()}; }
  static ResponseBody growing(Bytes& bytes, std::uint64_t bytes_max) { return {{}, &bytes, bytes_max}; }
  static ResponseBody discarded(std::uint64_t bytes_max) { return {{}, nullptr, bytes_max}; }

  // False, and nothing taken, when it would not fit.
  bool append(ByteSpan piece) {
    if (piece.size() > bytes_max_ - length_) return false;
    if (growing_ != nullptr) growing_->insert(growing_->end(), piece.begin(), piece.end());
    if (!buffer_.empty() && !piece.empty()) std::memcpy(buffer_.data() + length_, piece.data(), piece.size());
    length_ += piece.size();
    return true;
  }

  // Before the request is sent again.
  void restart() {
    length_ = 0;
    if (growing_ != nullptr) growing_->clear();
  }

  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::uint64_t bytes_max() const { return bytes_max_; }

 private:
  ResponseBody(MutableByteSpan buffer, Bytes* growing, std::uint64_t bytes_max)
      : buffer_(buffer), growing_(growing), bytes_max_(bytes_max) {}

  MutableByteSpan buffer_;
  Bytes* growing_;
  std::uint64_t bytes_max_;
  std::size_t length_ = 0;
};

}  // namespace depthfinder
