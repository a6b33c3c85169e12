// SPDX-License-Identifier: MIT
// FileSink: a regular file as target. It begins as one hole of the image's size, so zeros cost nothing and a
// file that was there before cannot shine through. Owned by whoever restores; one thread at a time. It does
// not remove the file when a restore fails.
#pragma once

#include <memory>
#include <string>

#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

// Pieces of this size and alignment that are all zero stay holes, also inside a data chunk.
inline constexpr std::size_t kHoleBytes = 64U << 10;

class FileSink final : public Sink {
 public:
  // Makes the file, or takes one that is empty or may be overwritten; then its old bytes are gone at once.
  // Errors: bad_input (holds data, no permission), io.
  static Result<std::unique_ptr<Sink>> open(const std::string& path, std::uint64_t image_bytes,
                                            const SinkOptions& options);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override { return file_.sync(); }

 private:
  FileSink(TargetFile file, std::uint64_t image_bytes) : file_(std::move(file)), image_bytes_(image_bytes) {}

  TargetFile file_;
  std::uint64_t image_bytes_;
};

}  // namespace depthfinder
