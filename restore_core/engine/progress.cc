// SPDX-License-Identifier: MIT
#include "restore_core/engine/progress.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace depthfinder {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr std::size_t kColumnsMax = 79;
constexpr std::size_t kBarColumnsMax = 30;
constexpr std::size_t kBarColumnsMin = 5;
constexpr Nanoseconds kRateSpan = seconds(5);
constexpr Nanoseconds kRatePointSpacing = milliseconds(100);
constexpr Nanoseconds kRedrawSpacing = milliseconds(100);

// part * 100 / whole without overflow; 0 of 0 is 0.
std::uint64_t percent_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<long double>(part) * 100 / static_cast<long double>(whole));
}

std::string format_eta(double eta_s) {
  constexpr double kShownMax_s = 99 * 3600.0;
  if (eta_s > kShownMax_s) return ">99 h";
  const auto total = static_cast<std::int64_t>(eta_s + 0.5);
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

std::string format_rate_and_eta(const ProgressSample& sample, std::optional<double> bytes_per_second) {
  if (!bytes_per_second || *bytes_per_second <= 0) return "-- MiB/s  ETA --:--";
  const auto left = static_cast<double>(sample.bytes_total - sample.bytes_done);
  return fmt::format("{:.1f} MiB/s  ETA {}", *bytes_per_second / kMebibyte,
                     format_eta(left / *bytes_per_second));
}

}  // namespace

int progress_percent(const ProgressSample& sample) {
  if (sample.chunks_total == 0) return 100;
  return static_cast<int>(percent_of(sample.chunks_done, sample.chunks_total));
}

std::string format_progress_line(const ProgressSample& sample) {
  return fmt::format("progress {}% (read {} bytes, zeroes = {}% ({} bytes), duration {} sec)",
                     progress_percent(sample), sample.bytes_done,
                     percent_of(sample.zero_bytes, sample.bytes_done), sample.zero_bytes,
                     duration_cast<seconds>(sample.elapsed).count());
}

std::string format_complete_line(std::uint64_t bytes, Nanoseconds duration) {
  const double duration_s = to_seconds(duration);
  const double speed = duration_s > 0 ? static_cast<double>(bytes) / kMebibyte / duration_s : 0;
  return fmt::format("restore image complete (bytes={}, duration={:.2f}s, speed={:.2f}MB/s)", bytes,
                     duration_s, speed);
}

std::string format_progress_bar(const ProgressSample& sample, std::optional<double> bytes_per_second) {
  const int percent = progress_percent(sample);
  const std::string head = fmt::format("{:3}% ", percent);
  const std::string tail = fmt::format(" {}/{} MiB  {}", sample.bytes_done >> 20, sample.bytes_total >> 20,
                                       format_rate_and_eta(sample, bytes_per_second));
  const std::size_t text = head.size() + tail.size() + 2;  // and the brackets
  if (text + kBarColumnsMin > kColumnsMax) return (head + tail).substr(0, kColumnsMax);
  const std::size_t columns = std::min(kBarColumnsMax, kColumnsMax - text);
  const std::size_t filled = columns * static_cast<std::size_t>(percent) / 100;
  return fmt::format("{}[{}{}]{}", head, std::string(filled, '#'), std::string(columns - filled, '.'), tail);
}

void RateWindow::add(TimePoint now, std::uint64_t bytes_done) {
  // Two points are kept beyond the spacing: the newest moves until it is far enough from the one before.
  if (points_.size() >= 2 && now - points_[points_.size() - 2].at < kRatePointSpacing)
    points_.back() = {now, bytes_done};
  else
    points_.push_back({now, bytes_done});
  while (points_.size() > 2 && now - points_[1].at >= kRateSpan) points_.pop_front();
}

std::optional<double> RateWindow::bytes_per_second() const {
  if (points_.size() < 2) return std::nullopt;
  const double span_s = to_seconds(points_.back().at - points_.front().at);
  if (span_s <= 0) return std::nullopt;
  return static_cast<double>(points_.back().bytes - points_.front().bytes) / span_s;
}

void ProgressPrinter::update(const ProgressSample& sample) {
  if (style_ == ProgressStyle::bar) return draw_bar(sample);
  const int percent = progress_percent(sample);
  if (percent <= printed_percent_) return;
  printed_percent_ = percent;
  output_(format_progress_line(sample) + "\n");
}

void ProgressPrinter::draw_bar(const ProgressSample& sample) {
  const TimePoint now = clock_.now();
  rate_.add(now, sample.bytes_done);
  const bool last = sample.chunks_done == sample.chunks_total;
  if (drawn_at_ && now - *drawn_at_ < kRedrawSpacing && !last) return;
  drawn_at_ = now;
  std::string line = format_progress_bar(sample, rate_.bytes_per_second());
  const std::size_t columns = line.size();
  line.resize(std::max(columns, drawn_columns_), ' ');  // wipes the rest of a longer one
  drawn_columns_ = columns;
  output_("\r" + line);
}

void ProgressPrinter::complete(std::uint64_t bytes, Nanoseconds duration) {
  interrupt();
  output_(format_complete_line(bytes, duration) + "\n");
}

void ProgressPrinter::interrupt() {
  if (drawn_columns_ > 0) output_("\n");
  drawn_columns_ = 0;
}

}  // namespace depthfinder
