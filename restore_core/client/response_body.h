// SPDX-License-Identifier: MIT
// ResponseBody: where the body of one answer goes: into the caller's room, into a vector that grows up to a
// bound, through a SHA-256, or nowhere. What it goes to stays the caller's. Used by the transport thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "restore_core/base/bytes.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {

class ResponseBody {
 public:
  static ResponseBody into(MutableByteSpan buffer) { return into(ChunkRoom(buffer)); }
  static ResponseBody into(ChunkRoom room) {
    const std::uint64_t bytes = room.bytes();
    return {std::move(room), nullptr, nullptr, bytes};
  }
  static ResponseBody growing(Bytes& bytes, std::uint64_t bytes_max) {
    return {std::nullopt, &bytes, nullptr, bytes_max};
  }
  static ResponseBody hashed(Sha256& hash, std::uint64_t bytes_max) {
    return {std::nullopt, nullptr, &hash, bytes_max};
  }

  static ResponseBody discarded(std::uint64_t bytes_max) {
    return {std::nullopt, nullptr, nullptr, bytes_max};
  }

  // Where the next bytes go, when that is the caller's room; append() does not move bytes that are there already. Call it
  // when there are some.
  [[nodiscard]] MutableByteSpan room() { return room_ ? room_->get().subspan(length_) : MutableByteSpan(); }

  // False, and nothing taken, when it would not fit.
  bool append(ByteSpan piece) {
    if (piece.size() > bytes_max_ - length_) return false;
    if (piece.empty()) return true;
    if (growing_ != nullptr) growing_->insert(growing_->end(), piece.begin(), piece.end());
    if (hash_ != nullptr) hash_->update(piece);
    if (room_ && piece.data() != room_->get().data() + length_) copy(piece);
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
  ResponseBody(std::optional<ChunkRoom> room, Bytes* growing, Sha256* hash, std::uint64_t bytes_max)
      : room_(std::move(room)), growing_(growing), hash_(hash), bytes_max_(bytes_max) {}
  void copy(ByteSpan piece) {
    std::memcpy(room_->get().data() + length_, piece.data(), piece.size());
    copied_bytes_ += piece.size();
  }

  std::optional<ChunkRoom> room_;
  Bytes* growing_;
  Sha256* hash_;
  std::uint64_t bytes_max_;
  std::size_t length_ = 0;
  std::uint64_t copied_bytes_ = 0;
};

}  // namespace depthfinder
