// SPDX-License-Identifier: MIT
// BlockDeviceSink: a block device as target, opened exclusively so that nothing mounted is overwritten. What
// the device holds behind the image's end stays as it is. As many threads at a time as its writer permits. Zeros
// are always made, since nobody knows what the device held: by the device where it can, else by writing.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "restore_core/sink/extent_writer.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

class BlockDeviceSink final : public Sink {
 public:
  // Errors: bad_input (smaller than the image, in use, no permission), io.
  static Result<std::unique_ptr<Sink>> open(const std::string& path, std::uint64_t image_bytes,
                                            const SinkOptions& options,
                                            const MakeExtentWriter& make_writer = make_system_call_writer);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override { return device_.sync(); }
  [[nodiscard]] int writers_max() const override { return writer_->writers_max(); }
  [[nodiscard]] bool holds_old_data() const override { return keep_; }
  Result<void> read(std::uint64_t offset, MutableByteSpan bytes) override;
  [[nodiscard]] std::string description() const override;

 private:
  // How zeros get there, the cheapest first; each that the device cannot do leaves the one after it.
  enum class Zeroing {
    deallocate,  // a hole that reads as zeros
    kernel,      // by a command of the device, or written by the kernel
    write,       // written by us
  };

  BlockDeviceSink(TargetFile device, std::uint64_t image_bytes, bool keep)
      : device_(std::move(device)), image_bytes_(image_bytes), keep_(keep) {}
  // False when the device cannot do it that way.
  Result<bool> zero_aligned(Zeroing how, std::uint64_t offset, std::uint64_t length);

  TargetFile device_;
  std::uint64_t image_bytes_;
  bool keep_;
  std::unique_ptr<ExtentWriter> writer_;
  std::atomic<Zeroing> zeroing_{Zeroing::deallocate};
};

}  // namespace depthfinder
