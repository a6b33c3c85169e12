// SPDX-License-Identifier: MIT
// Progress as people and scripts read it: lines in the form that Proxmox's restore prints, or a bar on a
// terminal. The formatting is pure; ProgressPrinter adds when to print. Used by the consumer thread alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/clock.h"
#include "restore_core/engine/restore_engine.h"

namespace depthfinder {

// Finished chunks in whole percent.
int progress_percent(const ProgressSample& sample);

// "progress 42% (read 1234 bytes, zeroes = 5% (61 bytes), duration 3 sec)", without a line's end.
std::string format_progress_line(const ProgressSample& sample);

// "restore image complete (bytes=1048576, duration=12.34s, speed=123.45MB/s)"; MB is MiB here, as in the line
// this stands for.
std::string format_complete_line(std::uint64_t bytes, Nanoseconds duration);

// One line of at most 79 columns: percent, bar, MiB done and in all, rate, time left. Without a rate yet
// (nothing, or 0) neither rate nor time left are made up.
std::string format_progress_bar(const ProgressSample& sample, std::optional<double> bytes_per_second);

// The rate over the last seconds, so that it follows a change without flicker. A pure function of what it was
// given.
class RateWindow {
 public:
  void add(TimePoint now, std::uint64_t bytes_done);
  // Nothing before there are two points in time.
  [[nodiscard]] std::optional<double> bytes_per_second() const;

 private:
  struct Point {
    TimePoint at;
    std::uint64_t bytes = 0;
  };
  std::deque<Point> points_;
};

enum class ProgressStyle { lines, bar };

class ProgressPrinter {
 public:
  using Output = std::function<void(std::string_view)>;

  ProgressPrinter(ProgressStyle style, Output output, const Clock& clock)
      : style_(style), output_(std::move(output)), clock_(clock) {}

  // A line per whole percent, or the bar drawn again when it is time.
  void update(const ProgressSample& sample);
  // Ends the bar's line, if any, and prints the last line.
  void complete(std::uint64_t bytes, Nanoseconds duration);
  // Ends the bar's line, if any, so that an error message begins on its own.
  void interrupt();

 private:
  void draw_bar(const ProgressSample& sample);

  ProgressStyle style_;
  Output output_;
  const Clock& clock_;
  int printed_percent_ = 0;
  std::optional<TimePoint> drawn_at_;
  std::size_t drawn_columns_ = 0;
  RateWindow rate_;
};

}  // namespace depthfinder
