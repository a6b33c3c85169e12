// SPDX-License-Identifier: MIT
// SlowSink: another sink behind a target that takes its time: each write of data takes latency + bytes / rate in real
// time, a write of zeros the latency. Owned by whoever restores; one thread at a time. It does not make a target faster
// that is slower by itself, and it models neither a queue nor a cache: writes come one after another.
#pragma once

#include <functional>
#include <memory>

#include "restore_core/base/clock.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

struct SlowTarget {
  // What a write may take, so that a restore stops within a second.
  static constexpr Nanoseconds kLatencyMax = std::chrono::milliseconds(500);
  static constexpr double kRateMin = 10e6;  // bytes per second

  Nanoseconds latency{0};       // per write
  double rate_bytes_per_s = 0;  // 0: no limit
  std::string path = "null";    // what stands behind it
};

// "slow:latency=2.2ms,rate=500MB/s" or with ",path=FILE" as the last key. Errors: bad_input.
Result<SlowTarget> parse_slow_target(std::string_view text);

class SlowSink final : public Sink {
 public:
  using SleepUntil = std::function<void(TimePoint)>;

  // In real time.
  SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed);
  // With a clock and a sleep of the caller's, which outlive the sink.
  SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, const Clock& clock, SleepUntil sleep_until);
  SlowSink(SlowSink&&) = delete;  // it refers to its own clock

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override { return target_->finish(); }
  [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override {
    return target_->reorder_window_bytes();
  }

 private:
  void wait(TimePoint begun, Nanoseconds cost);

  std::unique_ptr<Sink> target_;
  Nanoseconds latency_;
  double rate_bytes_per_s_;
  SteadyClock steady_clock_;
  const Clock& clock_;
  SleepUntil sleep_until_;
  Nanoseconds overslept_{0};  // by the write before; this one is that much shorter
};

}  // namespace depthfinder
