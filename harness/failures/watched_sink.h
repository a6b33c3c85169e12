// SPDX-License-Identifier: MIT
// Test support: WatchedSink passes an image on to the sink of a real target and holds every write against the image that
// is stored. It counts what must not be, and leaves the verdict to the test. As many threads as the target permits.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "restore_core/base/mutex.h"
#include "restore_core/sink/sink.h"

namespace depthfinder::failures {

class WatchedSink final : public Sink {
 public:
  WatchedSink(std::unique_ptr<Sink> target, const Bytes& image, std::uint64_t chunk_size)
      : target_(std::move(target)),
        image_(image),
        written_(image.size() / chunk_size + 1),
        chunk_size_(chunk_size) {}

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override {
    watch(offset, bytes);
    return target_->write_data(offset, bytes);
  }
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override {
    std::uint64_t at = offset;
    for (const ByteSpan piece : pieces) watch(std::exchange(at, at + piece.size()), piece);
    return target_->write_run(offset, pieces);
  }
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override {
    watch(offset, Bytes(length, 0));
    return target_->write_zeros(offset, length);
  }
  Result<void> finish() override {
    ++finishes_;
    return target_->finish();
  }
  [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override {
    return target_->reorder_window_bytes();
  }
  [[nodiscard]] int writers_max() const override { return target_->writers_max(); }

  // From now on every write is a late one.
  void close() { closed_ = true; }

  [[nodiscard]] int wrong_writes() const { return wrong_writes_; }
  [[nodiscard]] int late_writes() const { return late_writes_; }
  [[nodiscard]] int finishes() const { return finishes_; }
  // How often each chunk was written; after the last write.
  [[nodiscard]] const std::vector<int>& written() const { return written_; }

 private:
  void watch(std::uint64_t offset, ByteSpan bytes) {
    if (closed_) ++late_writes_;
    const bool fits = offset % chunk_size_ == 0 && offset + bytes.size() <= image_.size();
    if (!fits ||
        !std::equal(bytes.begin(), bytes.end(), image_.begin() + static_cast<std::ptrdiff_t>(offset)))
      ++wrong_writes_;
    MutexLock lock(mutex_);
    for (std::uint64_t at = offset; at < offset + bytes.size() && fits; at += chunk_size_)
      ++written_[at / chunk_size_];
  }

  const std::unique_ptr<Sink> target_;
  const Bytes& image_;
  Mutex mutex_;
  std::vector<int> written_;
  const std::uint64_t chunk_size_;
  std::atomic<bool> closed_{false};
  std::atomic<int> wrong_writes_{0}, late_writes_{0}, finishes_{0};
};

}  // namespace depthfinder::failures
