// SPDX-License-Identifier: MIT
// DigestSink: passes an image on to another sink and takes its SHA-256 on the way. A hash wants the bytes in
// order and a restore writes them in any, so data that comes early is copied and kept until the gap before it
// is filled; zeros are kept as a length. The window bounds the copies. One thread at a time.
#pragma once

#include <map>
#include <memory>

#include "restore_core/base/digest.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

class DigestSink final : public Sink {
 public:
  // With a window of depth x chunk size, or more, the depth is not held back by it in the ordinary case.
  DigestSink(std::unique_ptr<Sink> target, std::uint64_t image_bytes, std::uint64_t window_bytes);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override;
  [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override;

  [[nodiscard]] std::string description() const override { return target_->description() + ", hashed"; }

  // SHA-256 of the image; only after finish().
  [[nodiscard]] const Digest& digest() const;
  // What is copied at the moment.
  [[nodiscard]] std::uint64_t held_bytes() const { return held_bytes_; }

 private:
  struct EarlyRange {
    Bytes data;  // empty for zeros
    std::uint64_t length = 0;
  };

  void hash_zeros(std::uint64_t length);
  void hash_what_follows();

  std::unique_ptr<Sink> target_;
  std::uint64_t image_bytes_;
  std::uint64_t window_bytes_;
  Sha256 hash_;
  std::uint64_t hashed_bytes_ = 0;  // everything before this offset is in the hash
  std::uint64_t held_bytes_ = 0;
  std::map<std::uint64_t, EarlyRange> early_;  // by offset
  std::optional<Digest> digest_;
};

}  // namespace depthfinder
