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
  // As long as the image. `holes`: where the target would know of zeros without reading.
  void hold(Bytes old_data, bool holes = false) {
    DF_CHECK(old_data.size() == bytes_.size());
    bytes_ = std::move(old_data);
    holds_old_data_ = true;
    has_holes_ = holes;
  }
  // Called before each read.
  void before_read(std::function<Result<void>(std::uint64_t)> hook) { before_read_ = std::move(hook); }

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
  [[nodiscard]] bool holds_old_data() const override { return holds_old_data_; }
  Result<void> read(std::uint64_t offset, MutableByteSpan bytes) override {
    MutexLock lock(mutex_);
    DF_CHECK(holds_old_data_ && writes_.empty() && offset + bytes.size() <= bytes_.size());
    if (before_read_) DF_TRY(before_read_(offset));
    read_bytes_ += bytes.size();
    std::copy_n(at(offset), bytes.size(), bytes.begin());
    return {};
  }
  [[nodiscard]] bool is_hole(std::uint64_t offset, std::uint64_t length) const override {
    return has_holes_ && is_zero(ByteSpan(bytes_).subspan(offset, length));
  }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] const std::vector<Write>& writes() const { return writes_; }
  [[nodiscard]] const std::vector<std::size_t>& runs() const { return runs_; }  // pieces of each
  [[nodiscard]] std::uint64_t read_bytes() const { return read_bytes_; }
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
  std::function<Result<void>(std::uint64_t)> before_read_;
  std::uint64_t read_bytes_ = 0;
  bool holds_old_data_ = false;
  bool has_holes_ = false;
  bool finished_ = false;
};

}  // namespace depthfinder::testing_support
