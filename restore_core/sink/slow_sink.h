// SPDX-License-Identifier: MIT
// SlowSink: another sink behind a target that takes its time: each write of data takes latency + bytes / rate in real
// time, a write of zeros the latency; a run is one write. `writers` of them wait at the same time, each with the latency
// of its own, and share the rate like a link: one transfer after another. Owned by whoever restores. It does not make a
// target faster that is slower by itself, and it models neither a queue nor a cache.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/base/mutex.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {

struct SlowTarget {
  // What a write may take, so that a restore stops within a second.
  static constexpr Nanoseconds kLatencyMax = std::chrono::milliseconds(500);
  static constexpr double kRateMin = 10e6;  // bytes per second

  Nanoseconds latency{0};       // per write
  double rate_bytes_per_s = 0;  // 0: no limit
  int writers = 1;              // writes at the same time
  std::string path = "null";    // what stands behind it
};

// "slow:latency=2.2ms,rate=500MB/s", with ",writers=8", or with ",path=FILE" as the last key. Errors: bad_input.
Result<SlowTarget> parse_slow_target(std::string_view text);

class SlowSink final : public Sink {
 public:
  using SleepUntil = std::function<void(TimePoint)>;

  // In real time; nothing is waited for once `stop` asks for it.
  SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, std::stop_token stop = {});
  // With a clock and a sleep of the caller's, which outlive the sink.
  SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, const Clock& clock, SleepUntil sleep_until);
  SlowSink(SlowSink&&) = delete;  // it refers to its own clock

  Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override;
  Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) override;
  Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) override;
  Result<void> finish() override { return target_->finish(); }
  [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override {
    return target_->reorder_window_bytes();
  }

  [[nodiscard]] int writers_max() const override;
  [[nodiscard]] std::string description() const override;

 private:
  // One of the writes at a time. A sleep ends late; the lane's next write is that much shorter.
  struct Lane {
    bool busy = false;
    Nanoseconds overslept{0};
  };

  // Makes the write, and returns when it would be over.
  template <typename Write>
  Result<void> timed(std::uint64_t bytes, const Write& write);
  Lane& take_lane();
  void give_back(Lane& lane, Nanoseconds overslept);
  TimePoint end_of_transfer(TimePoint begun, std::uint64_t bytes);

  std::unique_ptr<Sink> target_;
  SlowTarget speed_;
  SteadyClock steady_clock_;
  const Clock& clock_;
  SleepUntil sleep_until_;
  Mutex mutex_;
  std::vector<Lane> lanes_ DF_GUARDED_BY(mutex_);
  TimePoint link_free_at_ DF_GUARDED_BY(mutex_){};
};

}  // namespace depthfinder
