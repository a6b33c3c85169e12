// SPDX-License-Identifier: MIT
// ResponseBody: where the body of one answer goes: into the caller's buffer, into a vector that grows up to a
// bound, through a SHA-256, or nowhere. What it goes to stays the caller's. Used by the transport thread.
#pragma once

#include <algorithm>
#include <cstring>

#include "restore_core/base/bytes.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {

class ResponseBody {
 public:
  static ResponseBody into(MutableByteSpan buffer) { return {buffer, nullptr, nullptr, buffer.size()}; }
  static ResponseBody growing(Bytes& bytes, std::uint64_t bytes_max) {
    return {{}, &bytes, nullptr, bytes_max};
  }
  static ResponseBody hashed(Sha256& hash, std::uint64_t bytes_max) {
    return {{}, nullptr, &hash, bytes_max};
  }

  static ResponseBody discarded(std::uint64_t bytes_max) { return {{}, nullptr, nullptr, bytes_max}; }

  // Where the next bytes go, when that is a buffer; append() does not move bytes that are there already.
  [[nodiscard]] MutableByteSpan room() const { return buffer_.empty() ? buffer_ : buffer_.subspan(length_); }

  // False, and nothing taken, when it would not fit.
  bool append(ByteSpan piece) {
    if (piece.size() > bytes_max_ - length_) return false;
    if (piece.empty()) return true;
    if (growing_ != nullptr) growing_->insert(growing_->end(), piece.begin(), piece.end());
    if (hash_ != nullptr) hash_->update(piece);
    if (!buffer_.empty() && piece.data() != buffer_.data() + length_) copy(piece);
    length_ += piece.size();
    return true;
  }

  // Before the request is sent again.
  void restart() {
    length_ = 0;
    if (growing_ != nullptr) growing_->clear();
    if (hash_ != nullptr) *hash_ = Sha256();
  }

  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::uint64_t bytes_max() const { return bytes_max_; }
  // Bytes that had been received elsewhere and were moved into the buffer, over all attempts.
  [[nodiscard]] std::uint64_t copied_bytes() const { return copied_bytes_; }

 private:
  ResponseBody(MutableByteSpan buffer, Bytes* growing, Sha256* hash, std::uint64_t bytes_max)
      : buffer_(buffer), growing_(growing), hash_(hash), bytes_max_(bytes_max) {}
  void copy(ByteSpan piece) {
    std::memcpy(buffer_.data() + length_, piece.data(), piece.size());
    copied_bytes_ += piece.size();
  }

  MutableByteSpan buffer_;
  Bytes* growing_;
  Sha256* hash_;
  std::uint64_t bytes_max_;
  std::size_t length_ = 0;
  std::uint64_t copied_bytes_ = 0;
};

}  // namespace depthfinder
