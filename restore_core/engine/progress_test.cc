// SPDX-License-Identifier: MIT
#include "restore_core/engine/progress.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMiB = 1ULL << 20;

ProgressSample sample_of(std::uint64_t chunks_done, std::uint64_t chunks_total) {
  return {.chunks_done = chunks_done,
          .chunks_total = chunks_total,
          .bytes_done = chunks_done * 4 * kMiB,
          .bytes_total = chunks_total * 4 * kMiB};
}

TEST(ProgressLine, IsUpstreams) {
  const ProgressSample sample{.chunks_done = 42,
                              .chunks_total = 100,
                              .bytes_done = 1234,
                              .bytes_total = 3000,
                              .zero_bytes = 62,
                              .elapsed = milliseconds(3999)};
  EXPECT_EQ(format_progress_line(sample),
            "progress 42% (read 1234 bytes, zeroes = 5% (62 bytes), duration 3 sec)");
}

TEST(ProgressLine, CompleteCountsMebibytes) {
  EXPECT_EQ(format_complete_line(1234 * kMiB, milliseconds(12340)),
            "restore image complete (bytes=1293942784, duration=12.34s, speed=100.00MB/s)");
  EXPECT_EQ(format_complete_line(0, Nanoseconds(0)),
            "restore image complete (bytes=0, duration=0.00s, speed=0.00MB/s)");
}

TEST(ProgressBar, Golden) {
  struct BarRow {
    ProgressSample sample;
    std::optional<double> rate;
    const char* expected;
  };
  const std::vector<BarRow> rows{
      {sample_of(0, 256), std::nullopt,
       "  0% [..............................] 0/1024 MiB  -- MiB/s  ETA --:--"},
      {sample_of(64, 256), 100.0 * kMiB,
       " 25% [#######.......................] 256/1024 MiB  100.0 MiB/s  ETA 0:08"},
      {sample_of(128, 25600), 1.5 * kMiB,
       "  0% [..............................] 512/102400 MiB  1.5 MiB/s  ETA 18:52:05"},
      {sample_of(1, 1000000), 1.0,
       "  0% [..............................] 4/4000000 MiB  0.0 MiB/s  ETA >99 h"},
      {sample_of(256, 256), 400.0 * kMiB,
       "100% [##############################] 1024/1024 MiB  400.0 MiB/s  ETA 0:00"},
  };
  for (const auto& row : rows) EXPECT_EQ(format_progress_bar(row.sample, row.rate), row.expected);
}

TEST(ProgressBar, NeverWiderThanATerminal) {
  const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  const ProgressSample sample{
      .chunks_done = huge / 2, .chunks_total = huge, .bytes_done = huge / 2, .bytes_total = huge};
  EXPECT_LE(format_progress_bar(sample, 1e18).size(), 79U);
  EXPECT_LE(format_progress_bar(sample, std::nullopt).size(), 79U);
}

TEST(RateWindow, FollowsTheLastSeconds) {
  RateWindow window;
  TimePoint now{};
  std::uint64_t bytes = 0;
  EXPECT_FALSE(window.bytes_per_second());
  const auto run = [&](int steps, std::uint64_t bytes_per_step) {
    for (int i = 0; i < steps; ++i) window.add(now += milliseconds(100), bytes += bytes_per_step);
  };
  run(100, 10 * kMiB);
  EXPECT_NEAR(*window.bytes_per_second(), 100.0 * kMiB, kMiB);
  run(60, 1 * kMiB);  // longer than the window: the fast time is forgotten
  EXPECT_NEAR(*window.bytes_per_second(), 10.0 * kMiB, kMiB);
}

class PrinterTest : public testing::Test {
 protected:
  ProgressPrinter printer(ProgressStyle style) {
    return ProgressPrinter(
        style, [this](std::string_view text) { printed_ += text; }, clock_);
  }
  FakeClock clock_;
  std::string printed_;
};

TEST_F(PrinterTest, OneLinePerWholePercentAndNeverBackwards) {
  auto lines = printer(ProgressStyle::lines);
  for (const std::uint64_t done : {1U, 2U, 3U, 4U, 3U, 5U, 200U}) lines.update(sample_of(done, 200));
  lines.complete(800 * kMiB, seconds(8));
  EXPECT_EQ(printed_,
            "progress 1% (read 8388608 bytes, zeroes = 0% (0 bytes), duration 0 sec)\n"
            "progress 2% (read 16777216 bytes, zeroes = 0% (0 bytes), duration 0 sec)\n"
            "progress 100% (read 838860800 bytes, zeroes = 0% (0 bytes), duration 0 sec)\n"
            "restore image complete (bytes=838860800, duration=8.00s, speed=100.00MB/s)\n");
}

TEST_F(PrinterTest, TheBarIsDrawnAgainInPlaceWhenItIsTime) {
  auto bar = printer(ProgressStyle::bar);
  bar.update(sample_of(0, 100));
  clock_.advance(milliseconds(50));
  bar.update(sample_of(1, 100));  // too soon
  clock_.advance(milliseconds(950));
  bar.update(sample_of(50, 100));
  bar.update(sample_of(100, 100));  // the last one is always drawn
  bar.complete(400 * kMiB, seconds(1));
  EXPECT_EQ(printed_,
            "\r  0% [..............................] 0/400 MiB  -- MiB/s  ETA --:--"
            "\r 50% [###############...............] 200/400 MiB  200.0 MiB/s  ETA 0:01"
            "\r100% [##############################] 400/400 MiB  400.0 MiB/s  ETA 0:00\n"
            "restore image complete (bytes=419430400, duration=1.00s, speed=400.00MB/s)\n");
}

TEST_F(PrinterTest, AnInterruptedBarEndsItsLineOnce) {
  auto bar = printer(ProgressStyle::bar);
  bar.interrupt();
  EXPECT_EQ(printed_, "");
  bar.update(sample_of(0, 100));
  printed_.clear();
  bar.interrupt();
  bar.interrupt();
  EXPECT_EQ(printed_, "\n");
}

}  // namespace
}  // namespace depthfinder
