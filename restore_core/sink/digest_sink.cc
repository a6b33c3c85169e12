// SPDX-License-Identifier: MIT
#include "restore_core/sink/digest_sink.h"

#include <algorithm>
#include <array>
#include <utility>

#include "restore_core/base/check.h"
#include "restore_core/sink/image_range.h"

namespace depthfinder {

DigestSink::DigestSink(std::unique_ptr<Sink> target, std::uint64_t image_bytes, std::uint64_t window_bytes)
    : target_(std::move(target)), image_bytes_(image_bytes), window_bytes_(window_bytes) {}

std::optional<std::uint64_t> DigestSink::reorder_window_bytes() const {
  return std::min(window_bytes_, target_->reorder_window_bytes().value_or(window_bytes_));
}

Result<void> DigestSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  check_image_range(offset, bytes.size(), image_bytes_);
  DF_CHECK(offset >= hashed_bytes_);
  DF_TRY(target_->write_data(offset, bytes));
  if (offset == hashed_bytes_) {
    hash_.update(bytes);
    hashed_bytes_ += bytes.size();
    hash_what_follows();
  } else if (!bytes.empty()) {
    DF_CHECK(offset + bytes.size() - hashed_bytes_ <= window_bytes_);
    early_.emplace(offset, EarlyRange{Bytes(bytes.begin(), bytes.end()), bytes.size()});
    held_bytes_ += bytes.size();
  }
  return {};
}

Result<void> DigestSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  check_image_range(offset, length, image_bytes_);
  DF_CHECK(offset >= hashed_bytes_);
  DF_TRY(target_->write_zeros(offset, length));
  if (length > 0) early_.emplace(offset, EarlyRange{{}, length});
  hash_what_follows();
  return {};
}

Result<void> DigestSink::finish() {
  DF_CHECK(hashed_bytes_ == image_bytes_);
  DF_TRY(target_->finish());
  digest_ = hash_.finish();
  return {};
}

const Digest& DigestSink::digest() const {
  DF_CHECK(digest_.has_value());
  return *digest_;
}

void DigestSink::hash_zeros(std::uint64_t length) {
  static constexpr std::array<std::uint8_t, 64U << 10> kZeros{};
  while (length > 0) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length, kZeros.size()));
    hash_.update(ByteSpan(kZeros).first(piece));
    length -= piece;
  }
}

void DigestSink::hash_what_follows() {
  for (auto next = early_.begin(); next != early_.end() && next->first == hashed_bytes_;
       next = early_.begin()) {
    const EarlyRange range = std::move(next->second);
    early_.erase(next);
    if (range.data.empty()) {
      hash_zeros(range.length);
    } else {
      hash_.update(range.data);
      held_bytes_ -= range.data.size();
    }
    hashed_bytes_ += range.length;
  }
}

}  // namespace depthfinder
