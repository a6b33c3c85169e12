// SPDX-License-Identifier: MIT
// NullSink: takes everything, keeps nothing; for measuring what fetching and decoding cost alone.
// Any number of threads.
#pragma once

#include <string>

#include "restore_core/sink/sink.h"

namespace depthfinder {

class NullSink final : public Sink {
 public:
  Result<void> write_data(std::uint64_t, ByteSpan) override { return {}; }
  Result<void> write_zeros(std::uint64_t, std::uint64_t) override { return {}; }
  Result<void> write_run(std::uint64_t, std::span<const ByteSpan>) override { return {}; }
  Result<void> finish() override { return {}; }
  [[nodiscard]] int writers_max() const override { return kWritersMax; }
  [[nodiscard]] std::string description() const override { return "nothing is kept"; }
};

}  // namespace depthfinder
