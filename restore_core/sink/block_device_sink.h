// SPDX-License-Identifier: MIT
// BlockDeviceSink: a block device as target, opened exclusively so that nothing mounted is overwritten. What
// the device holds behind the image's end stays as it is. One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

class BlockDeviceSink final : public Sink {
 public:
  // Errors: bad_input (smaller than the image, in use, no permission), io.
  static Result<std::unique_ptr<Sink>> open(const std::string& path, std::uint64_t image_bytes);

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override { return device_.sync(); }

 private:
  BlockDeviceSink(TargetFile device, std::uint64_t image_bytes)
      : device_(std::move(device)), image_bytes_(image_bytes) {}

  TargetFile device_;
  std::uint64_t image_bytes_;
};

}  // namespace depthfinder
