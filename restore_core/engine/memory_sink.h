// SPDX-License-Identifier: MIT
// MemorySink: a Sink that remembers every write, for the engine's tests. It aborts when an offset is written twice, a
// write reaches past its window, or more threads write than it permits, and fails or calls back where a test wants it to.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <vector>

#include "restore_core/base/check.h"
#include "restore_core/base/mutex.h"
#include "restore_core/sink/sink.h"

namespace depthfinder::testing_support {

class MemorySink final : public Sink {
 public:
  struct Write {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool zeros = false;
  };

  explicit MemorySink(std::uint64_t image_bytes) : bytes_(image_bytes, 0xaa), written_(image_bytes, false) {}

  // Called before each write with the number of writes so far; its error is the write's.
  void before_write(std::function<Result<void>(std::size_t)> hook) { before_write_ = std::move(hook); }
  void set_window(std::uint64_t bytes) { window_bytes_ = bytes; }
  void permit_writers(int count) { writers_max_ = count; }

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override {
    const Entry entry(*this);
    DF_TRY(begin_write({offset, bytes.size(), false}));
    std::copy(bytes.begin(), bytes.end(), at(offset));
    return {};
  }
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override {
    {
      MutexLock lock(mutex_);
      runs_.push_back(pieces.size());
    }
    return Sink::write_run(offset, pieces);
  }
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override {
    const Entry entry(*this);
    DF_TRY(begin_write({offset, length, true}));
    std::fill_n(at(offset), length, std::uint8_t{0});
    return {};
  }
  Result<void> finish() override {
    finished_ = true;
    return {};
  }
  [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override { return window_bytes_; }
  [[nodiscard]] int writers_max() const override { return writers_max_; }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<Write>& writes() const { return writes_; }
  [[nodiscard]] const std::vector<std::size_t>& runs() const { return runs_; }  // pieces of each
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  class Entry {
   public:
    explicit Entry(MemorySink& sink) : sink_(sink) { DF_CHECK(++sink_.writing_ <= sink_.writers_max_); }
    ~Entry() { --sink_.writing_; }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    MemorySink& sink_;
  };

  Bytes::iterator at(std::uint64_t offset) { return bytes_.begin() + static_cast<std::ptrdiff_t>(offset); }

  Result<void> begin_write(const Write& write) {
    MutexLock lock(mutex_);
    if (before_write_) DF_TRY(before_write_(writes_.size()));
    DF_CHECK(!finished_ && write.offset + write.length <= bytes_.size());
    const auto first_missing =
        static_cast<std::uint64_t>(std::find(written_.begin(), written_.end(), false) - written_.begin());
    DF_CHECK(write.zeros || !window_bytes_ || write.offset + write.length - first_missing <= *window_bytes_);
    for (std::uint64_t i = 0; i < write.length; ++i) {
      DF_CHECK(!written_[write.offset + i]);
      written_[write.offset + i] = true;
    }
    writes_.push_back(write);
    return {};
  }

  Mutex mutex_;
  int writers_max_ = 1;
  std::atomic<int> writing_{0};
  Bytes bytes_;
  std::vector<bool> written_;
  std::vector<Write> writes_;
  std::vector<std::size_t> runs_;
  std::optional<std::uint64_t> window_bytes_;
  std::function<Result<void>(std::size_t)> before_write_;
  bool finished_ = false;
};

}  // namespace depthfinder::testing_support
