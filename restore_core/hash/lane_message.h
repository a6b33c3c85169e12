// SPDX-License-Identifier: MIT
// MessageCursor: where one message stands on its way through the kernels. It cuts body, suffix and padding into runs of whole
// blocks: bytes are hashed where they lie, and only the block across body and suffix, and the last one or two, are copied into
// a buffer. One thread; the message's bytes outlive it.
#pragma once

#include <array>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/hash/lane_kernel.h"

namespace depthfinder {

// What is hashed: the body, and after it a suffix, which is empty or the id key of a keyed digest.
struct LaneMessage {
  ByteSpan body;
  ByteSpan suffix;
};

class MessageCursor {
 public:
  explicit MessageCursor(const LaneMessage& message);
  MessageCursor(const MessageCursor&) = delete;  // runs may point into its own buffer
  MessageCursor& operator=(const MessageCursor&) = delete;

  // The run of blocks that comes next; none when the message is done.
  [[nodiscard]] const std::uint8_t* data() const { return run_.data(); }
  [[nodiscard]] std::size_t blocks() const { return run_.size() / kSha256BlockBytes; }
  [[nodiscard]] bool done() const { return run_.empty(); }

  [[nodiscard]] Sha256Words& state() { return state_; }
  // After `blocks` of the run have gone into state().
  void advance(std::size_t blocks);
  // Of a message that is done.
  [[nodiscard]] Digest digest() const;

 private:
  void next_run();
  void fill(std::size_t bytes);
  void pad(std::size_t used);

  ByteSpan body_;    // what of them is in no run yet
  ByteSpan suffix_;  //
  std::uint64_t message_bits_;
  bool padded_ = false;
  ByteSpan run_;
  Sha256Words state_;
  alignas(64) std::array<std::uint8_t, 2 * kSha256BlockBytes> buffer_{};
};

}  // namespace depthfinder
