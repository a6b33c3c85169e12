// SPDX-License-Identifier: MIT
#include "restore_core/sink/slow_sink.h"

#include <algorithm>
#include <set>
#include <thread>

#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr std::string_view kPrefix = "slow:";
constexpr std::string_view kExample = "slow:latency=2.2ms,rate=500MB/s";
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

}  // namespace

Result<SlowTarget> parse_slow_target(std::string_view text) {
  if (!text.starts_with(kPrefix))
    return fail(ErrorKind::bad_input, "'{}' is no slow target; write {}", text, kExample);
  auto target = parse_pairs(text.substr(kPrefix.size()));
  if (!target) return pass_on(target.error(), fmt::format("target '{}' (write {})", text, kExample));
  return target;
}

SlowSink::SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed)
    : SlowSink(std::move(target), speed, steady_clock_,
               [](TimePoint when) { std::this_thread::sleep_until(when); }) {}

SlowSink::SlowSink(std::unique_ptr<Sink> target, const SlowTarget& speed, const Clock& clock,
                   SleepUntil sleep_until)
    : target_(std::move(target)),
      latency_(speed.latency),
      rate_bytes_per_s_(speed.rate_bytes_per_s),
      clock_(clock),
      sleep_until_(std::move(sleep_until)) {}

Result<void> SlowSink::write_data(std::uint64_t offset, ByteSpan bytes) {
  const TimePoint begun = clock_.now();
  DF_TRY(target_->write_data(offset, bytes));
  const double transfer_s = rate_bytes_per_s_ > 0 ? static_cast<double>(bytes.size()) / rate_bytes_per_s_ : 0;
  wait(begun, latency_ + from_seconds(transfer_s));
  return {};
}

Result<void> SlowSink::write_zeros(std::uint64_t offset, std::uint64_t length) {
  const TimePoint begun = clock_.now();
  DF_TRY(target_->write_zeros(offset, length));
  wait(begun, latency_);
  return {};
}

void SlowSink::wait(TimePoint begun, Nanoseconds cost) {
  if (cost.count() == 0) return;
  const TimePoint due = begun + cost - overslept_;
  sleep_until_(due);
  overslept_ = std::clamp(clock_.now() - due, Nanoseconds(0), Nanoseconds(kOversleptMax));
}

}  // namespace depthfinder
