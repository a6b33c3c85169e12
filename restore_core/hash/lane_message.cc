// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_message.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/hash/sha256_rounds.h"

namespace depthfinder {
namespace {

constexpr std::size_t kLengthBytes = 8;  // of the padding, after the byte 0x80 and zeros

template <typename Integer>
void store_be(std::uint8_t* to, Integer value) {
  for (std::size_t i = sizeof value; i-- > 0; value = static_cast<Integer>(value >> 8))
    to[i] = static_cast<std::uint8_t>(value & 0xff);
}

// Takes `bytes` off the front.
ByteSpan take(ByteSpan& from, std::size_t bytes) {
  const ByteSpan taken = from.first(bytes);
  from = from.subspan(bytes);
  return taken;
}

std::size_t whole_blocks(ByteSpan bytes) { return bytes.size() - bytes.size() % kSha256BlockBytes; }

}  // namespace

MessageCursor::MessageCursor(const LaneMessage& message)
    : body_(message.body),
      suffix_(message.suffix),
      message_bits_(8 * (std::uint64_t{message.body.size()} + message.suffix.size())),
      state_(kSha256Start) {
  next_run();
}

void MessageCursor::advance(std::size_t blocks) {
  take(run_, blocks * kSha256BlockBytes);
  if (run_.empty()) next_run();
}

void MessageCursor::next_run() {
  const std::size_t left = body_.size() + suffix_.size();
  if (body_.size() >= kSha256BlockBytes) {
    run_ = take(body_, whole_blocks(body_));
  } else if (body_.empty() && suffix_.size() >= kSha256BlockBytes) {
    run_ = take(suffix_, whole_blocks(suffix_));
  } else if (left + 1 + kLengthBytes > buffer_.size()) {
    fill(kSha256BlockBytes);
    run_ = ByteSpan(buffer_).first(kSha256BlockBytes);
  } else if (!padded_) {
    fill(left);
    pad(left);
  }
}

void MessageCursor::fill(std::size_t bytes) {
  const ByteSpan from_body = take(body_, std::min(bytes, body_.size()));
  const ByteSpan from_suffix = take(suffix_, bytes - from_body.size());
  const auto end = std::copy(from_body.begin(), from_body.end(), buffer_.begin());
  std::copy(from_suffix.begin(), from_suffix.end(), end);
}

void MessageCursor::pad(std::size_t used) {
  const std::size_t blocks = used + 1 + kLengthBytes <= kSha256BlockBytes ? 1 : 2;
  const std::size_t length_at = blocks * kSha256BlockBytes - kLengthBytes;
  buffer_[used] = 0x80;
  std::fill(buffer_.data() + used + 1, buffer_.data() + length_at, std::uint8_t{0});
  store_be(buffer_.data() + length_at, message_bits_);
  run_ = ByteSpan(buffer_).first(blocks * kSha256BlockBytes);
  padded_ = true;
}

Digest MessageCursor::digest() const {
  DF_CHECK(done());
  Digest digest;
  for (std::size_t word = 0; word < state_.size(); ++word) store_be(digest.data() + 4 * word, state_[word]);
  return digest;
}

}  // namespace depthfinder
