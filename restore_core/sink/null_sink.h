// SPDX-License-Identifier: MIT
// NullSink: takes everything, keeps nothing; for measuring what fetching and decoding cost alone.
#pragma once

#include "restore_core/sink/sink.h"

namespace depthfinder {

class NullSink final : public Sink {
 public:
  Result<void> write_data(std::uint64_t, ByteSpan) override { return {}; }
  Result<void> write_zeros(std::uint64_t, std::uint64_t) override { return {}; }
  Result<void> finish() override { return {}; }
};

}  // namespace depthfinder
