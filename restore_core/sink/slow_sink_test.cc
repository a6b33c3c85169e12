// SPDX-License-Identifier: MIT
#include "restore_core/sink/slow_sink.h"

#include <barrier>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "restore_core/sink/null_sink.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ParseSlowTarget, ReadsItsKeys) {
  struct Row {
    const char* text;
    Nanoseconds latency;
    double rate_bytes_per_s;
    const char* path;
    int writers = 1;
  };
  constexpr Row kRows[] = {{"slow:latency=2.2ms,rate=500MB/s", 2200us, 500e6, "null"},
                           {"slow:rate=10MB/s", 0ns, 10e6, "null"},
                           {"slow:latency=500ms", 500ms, 0, "null"},
                           {"slow:latency=1ms,writers=8", 1ms, 0, "null", 8},
                           {"slow:latency=1ms,path=/a,b=c", 1ms, 0, "/a,b=c"}};
  for (const Row& row : kRows) {
    const auto target = parse_slow_target(row.text);
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->latency, row.latency) << row.text;
    EXPECT_EQ(target->rate_bytes_per_s, row.rate_bytes_per_s) << row.text;
    EXPECT_EQ(target->path, row.path) << row.text;
    EXPECT_EQ(target->writers, row.writers) << row.text;
  }
}

TEST(ParseSlowTarget, RefusesWhatItCannotBe) {
  struct Row {
    const char* text;
    const char* word;
  };
  constexpr Row kRows[] = {{"slow", "no slow target"},
                           {"slow:", "KEY=VALUE"},
                           {"slow:latency", "KEY=VALUE"},
                           {"slow:latency=5", "unit"},
                           {"slow:latency=501ms", "500ms"},
                           {"slow:rate=9MB/s", "10MB/s"},
                           {"slow:writers=0", "writers"},
                           {"slow:writers=65", "writers"},
                           {"slow:latency=1ms,", "KEY=VALUE"},
                           {"slow:latency=1ms,latency=2ms", "twice"},
                           {"slow:speed=1ms", "unknown key 'speed'"},
                           {"slow:path=", "path"},
                           {"slow:path=slow:latency=1ms", "path"}};
  for (const Row& row : kRows) {
    const auto target = parse_slow_target(row.text);
    ASSERT_FALSE(target) << row.text;
    EXPECT_EQ(target.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(target.error().message, HasSubstr(row.word)) << row.text;
  }
}

// A slow sink over nothing, on a clock that only its sleeps move; they end `late` too late.
class SlowSinkTest : public testing::Test {
 protected:
  SlowSink make(const SlowTarget& speed) {
    return SlowSink(std::make_unique<NullSink>(), speed, clock_,
                    [this](TimePoint due) { clock_.advance(due - clock_.now() + late_); });
  }
  [[nodiscard]] Nanoseconds elapsed() const { return clock_.now().time_since_epoch(); }

  FakeClock clock_;
  Nanoseconds late_{0};
  Bytes chunk_ = Bytes(1'000'000);
};

TEST_F(SlowSinkTest, DataTakesLatencyAndTransferZerosTheLatency) {
  SlowSink sink = make({.latency = 2ms, .rate_bytes_per_s = 500e6});
  ASSERT_TRUE(sink.write_data(0, chunk_));
  EXPECT_EQ(elapsed(), 4ms);
  ASSERT_TRUE(sink.write_zeros(1'000'000, 1'000'000));
  EXPECT_EQ(elapsed(), 6ms);
  ASSERT_TRUE(sink.finish());
  EXPECT_EQ(elapsed(), 6ms);
}

TEST_F(SlowSinkTest, ARunIsOneWrite) {
  SlowSink sink = make({.latency = 2ms, .rate_bytes_per_s = 500e6});
  const std::vector<ByteSpan> pieces(3, ByteSpan(chunk_));
  ASSERT_TRUE(sink.write_run(0, pieces));
  EXPECT_EQ(elapsed(), 8ms);
}

TEST_F(SlowSinkTest, AsManyWritersAsBothPermit) {
  EXPECT_EQ(make({.latency = 1ms}).writers_max(), 1);
  EXPECT_EQ(make({.latency = 1ms, .writers = 8}).writers_max(), 8);
  SlowSink over_one(std::make_unique<SlowSink>(std::make_unique<NullSink>(), SlowTarget{}), {.writers = 8});
  EXPECT_EQ(over_one.writers_max(), 1);
}

// Two threads within the sink before the first sleep ends; each says until when it would sleep.
TEST_F(SlowSinkTest, WritersWaitSideBySideAndShareTheRate) {
  std::barrier both(2);
  std::mutex mutex;
  std::vector<Nanoseconds> dues;
  SlowSink sink(std::make_unique<NullSink>(), {.latency = 10ms, .rate_bytes_per_s = 500e6, .writers = 2},
                clock_, [&](TimePoint due) {
                  {
                    const std::scoped_lock lock(mutex);
                    dues.push_back(due.time_since_epoch());
                  }
                  both.arrive_and_wait();
                });
  {
    std::jthread other([&] { EXPECT_TRUE(sink.write_data(1'000'000, chunk_)); });
    EXPECT_TRUE(sink.write_data(0, chunk_));
  }
  EXPECT_THAT(dues, testing::UnorderedElementsAre(12ms, 14ms));
}

TEST_F(SlowSinkTest, WithoutLatencyZerosAreFree) {
  SlowSink sink = make({.rate_bytes_per_s = 100e6});
  ASSERT_TRUE(sink.write_zeros(0, 1'000'000));
  EXPECT_EQ(elapsed(), 0ns);
  ASSERT_TRUE(sink.write_data(0, chunk_));
  EXPECT_EQ(elapsed(), 10ms);
}

TEST_F(SlowSinkTest, LateTimersDoNotAddUp) {
  late_ = 80us;
  SlowSink sink = make({.latency = 2ms});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(sink.write_data(0, chunk_));
  EXPECT_EQ(elapsed(), 200ms + 80us);
}

TEST_F(SlowSinkTest, AHostThatStoodStillIsNotMadeUpFor) {
  SlowSink sink = make({.latency = 5ms});
  late_ = 100ms;
  ASSERT_TRUE(sink.write_data(0, chunk_));
  late_ = 0ns;
  ASSERT_TRUE(sink.write_data(0, chunk_));
  EXPECT_EQ(elapsed(), 105ms + 5ms - 1ms);
}

}  // namespace
}  // namespace depthfinder
