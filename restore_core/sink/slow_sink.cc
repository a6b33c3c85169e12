// SPDX-License-Identifier: MIT
#include "restore_core/sink/slow_sink.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "restore_core/base/check.h"
#include "restore_core/base/units.h"
#include "restore_core/sink/image_range.h"

namespace depthfinder {
namespace {

constexpr std::string_view kPrefix = "slow:";
constexpr std::string_view kSlowExample = "slow:latency=2.2ms,rate=500MB/s";
// A sleep ends late by some tens of microseconds. More is a host that stood still, and not made up for.
constexpr std::chrono::milliseconds kOversleptMax{1};

Result<void> set_key(SlowTarget& target, std::string_view key, std::string_view value) {
  if (key == "latency") {
    DF_ASSIGN(target.latency, parse_duration(value));
    if (target.latency > SlowTarget::kLatencyMax) return fail(ErrorKind::bad_input, "latency is over 500ms");
    return {};
  }
  if (key == "rate") {
    DF_ASSIGN(target.rate_bytes_per_s, parse_rate(value));
    if (target.rate_bytes_per_s != 0 && target.rate_bytes_per_s < SlowTarget::kRateMin)
      return fail(ErrorKind::bad_input, "rate is under 10MB/s");
    return {};
  }
  if (key == "writers") {
    DF_ASSIGN(const std::uint64_t writers, parse_count("writers", value, 1, kWritersMax));
    target.writers = static_cast<int>(writers);
    return {};
  }
  if (key != "path") return fail(ErrorKind::bad_input, "unknown key '{}'", key);
  if (value.empty() || value.starts_with(kPrefix))
    return fail(ErrorKind::bad_input, "path is '{}'; name a file, a block device or null", value);
  target.path = value;
  return {};
}

Result<SlowTarget> parse_pairs(std::string_view pairs) {
  SlowTarget target;
  std::set<std::string_view> seen;
  for (;;) {
    const std::size_t equals = pairs.find('=');
    const std::string_view key = pairs.substr(0, equals);
    if (equals == std::string_view::npos) return fail(ErrorKind::bad_input, "'{}' is not KEY=VALUE", pairs);
    if (!seen.insert(key).second) return fail(ErrorKind::bad_input, "{} is given twice", key);
    // A path takes the rest, since it may hold commas.
    const std::size_t comma = key == "path" ? std::string_view::npos : pairs.find(',');
    const std::size_t length = comma == std::string_view::npos ? comma : comma - equals - 1;
    DF_TRY(set_key(target, key, pairs.substr(equals + 1, length)));
    if (comma == std::string_view::npos) return target;
    pairs.remove_prefix(comma + 1);
  }
}

void sleep_until(TimePoint when, const std::stop_token& stop) {
  if (!stop.stop_possible()) return std::this_thread::sleep_until(when);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_until(lock, stop, when, [] { return false; });
}

}  // namespace

Result<SlowTarget> parse_slow_target(std::string_view text) {
  if (!text.starts_with(kPrefix))
    return fail(ErrorKind::bad_input, "'{}' is no slow target; write {}", text, kSlowExample);
  auto target = parse_pairs(text.substr(kPrefix.size()));
  if (!target) return pass_on(target.error(), fmt::format("target '{}' (write {})", text, kSlowExample));
  return target;
}

SlowSink::SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, std::stop_token stop)
    : SlowSink(std::move(target), speed, steady_clock_,
               [stop = std::move(stop)](TimePoint when) { sleep_until(when, stop); }) {}

SlowSink::SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, const Clock& clock,
                   SleepUntil sleep_until)
    : target_(std::move(target)),
      speed_(speed),
      clock_(clock),
      sleep_until_(std::move(sleep_until)),
      lanes_(static_cast<std::size_t>(writers_max())) {}

int SlowSink::writers_max() const { return std::min(speed_.writers, target_->writers_max()); }

std::string SlowSink::description() const {
  return fmt::format("{}, slowed: {} and {} for {} writes at a time", target_->description(),
                     format_duration(speed_.latency),
                     speed_.rate_bytes_per_s > 0
                         ? format_byte_count(static_cast<std::uint64_t>(speed_.rate_bytes_per_s)) + "/s"
                         : "no limit of rate",
                     writers_max());
}

Result<void> SlowSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  return timed(bytes.size(), [&] { return target_->write_data(offset, bytes); });
}

Result<void> SlowSink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  return timed(byte_count(pieces), [&] { return target_->write_run(offset, pieces); });
}

Result<void> SlowSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  return timed(0, [&] { return target_->write_zeros(offset, length); });
}

template <typename Write>
Result<void> SlowSink::timed(std::uint64_t bytes, const Write& write) {
  Lane& lane = take_lane();
  const TimePoint begun = clock_.now() - lane.overslept;
  Result<void> written = write();
  Nanoseconds overslept = lane.overslept;
  const TimePoint due = end_of_transfer(begun, bytes) + speed_.latency;
  if (written && due > begun) {
    sleep_until_(due);
    overslept = std::clamp(clock_.now() - due, Nanoseconds(0), Nanoseconds(kOversleptMax));
  }
  give_back(lane, overslept);
  return written;
}

SlowSink::Lane& SlowSink::take_lane() {
  MutexLock lock(mutex_);
  const auto free = std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return !lane.busy; });
  DF_CHECK(free != lanes_.end());  // more threads than writers_max()
  free->busy = true;
  return *free;
}

void SlowSink::give_back(Lane& lane, Nanoseconds overslept) {
  MutexLock lock(mutex_);
  lane = {false, overslept};
}

TimePoint SlowSink::end_of_transfer(TimePoint begun, std::uint64_t bytes) {
  if (bytes == 0 || speed_.rate_bytes_per_s <= 0) return begun;
  MutexLock lock(mutex_);
  link_free_at_ =
      std::max(begun, link_free_at_) + from_seconds(static_cast<double>(bytes) / speed_.rate_bytes_per_s);
  return link_free_at_;
}

}  // namespace depthfinder
