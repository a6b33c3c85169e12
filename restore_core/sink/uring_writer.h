// SPDX-License-Identifier: MIT
// UringWriter: extents through io_uring, with a ring for each writing thread, past the page cache where asked for and
// possible. Owned by its sink. Where the system does not permit io_uring (containers often do not) the maker hands out a
// SystemCallWriter instead, which says so in its description.
#pragma once

#include "restore_core/base/handle.h"
#include "restore_core/sink/extent_writer.h"
#include "restore_core/sink/lease_pool.h"
#include "restore_core/sink/uring_ring.h"
#include "restore_core/sink/uring_target.h"

namespace depthfinder {

class UringWriter final : public ExtentWriter {
 public:
  // At most `writers` rings; fewer where the system gives no more. Errors: bad_input (direct=on where the
  // target cannot), io.
  static Result<std::unique_ptr<ExtentWriter>> open(const TargetFile& file, const UringSettings& settings,
                                                    int writers, const UringRing::Setup& setup);

  Result<void> write(std::span<const Extent> extents) override { return rings_->borrow()->write(extents); }
  [[nodiscard]] int writers_max() const override { return rings_->size(); }
  [[nodiscard]] std::string description() const override;

 private:
  UringWriter(const TargetFile& file, int depth) : target_{.buffered = file}, depth_(depth) {}
  Result<void> open_direct(UringSettings::Direct direct);

  UniqueFd direct_fd_;
  UringTarget target_;
  int depth_;
  std::unique_ptr<LeasePool<UringRing>> rings_;
};

// For FileSink and BlockDeviceSink.
MakeExtentWriter make_uring_writer(const UringSettings& settings, int writers);
MakeExtentWriter make_uring_writer(const UringSettings& settings, int writers, UringRing::Setup setup);

}  // namespace depthfinder
