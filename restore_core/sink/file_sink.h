// SPDX-License-Identifier: MIT
// FileSink: a regular file as target. It begins as one hole of the image's size, so zeros cost nothing and a file that was
// there before cannot shine through; where old data is kept, zeros are made as holes. Owned by whoever restores; as many
// threads at a time as its writer permits. A file that is cut, removed or replaced meanwhile is an error, and another
// restore is kept away by a lock; what a third program writes into it goes unseen. It does not remove the file when a
// restore fails.
#pragma once

#include <memory>
#include <string>

#include "restore_core/sink/extent_writer.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

class FileSink final : public Sink {
 public:
  // Makes the file, or takes one that is empty or may be overwritten; then its old bytes are gone at once, unless they
  // are to be kept. Errors: bad_input (holds data, no permission, held by another restore; kept, but not of the
  // image's size), io.
  static Result<std::unique_ptr<Sink>> open(const std::string& path, std::uint64_t image_bytes,
                                            const SinkOptions& options,
                                            const MakeExtentWriter& make_writer = make_system_call_writer);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override;
  [[nodiscard]] int writers_max() const override { return writer_->writers_max(); }
  [[nodiscard]] bool holds_old_data() const override { return holds_old_data_; }
  Result<void> read(std::uint64_t offset, MutableByteSpan bytes) override;
  [[nodiscard]] bool is_hole(std::uint64_t offset, std::uint64_t length) const override {
    return file_.is_hole(offset, length);
  }
  [[nodiscard]] std::string description() const override;

 private:
  FileSink(TargetFile file, std::uint64_t image_bytes, bool holds_old_data)
      : file_(std::move(file)), image_bytes_(image_bytes), holds_old_data_(holds_old_data) {}

  TargetFile file_;
  std::uint64_t image_bytes_;
  bool holds_old_data_;
  std::unique_ptr<ExtentWriter> writer_;
};

}  // namespace depthfinder
