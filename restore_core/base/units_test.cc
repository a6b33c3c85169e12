// SPDX-License-Identifier: MIT
#include "restore_core/base/units.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("5ms").value(), milliseconds(5));
  EXPECT_EQ(parse_duration("1.5 s").value(), milliseconds(1500));
  EXPECT_EQ(parse_duration("2m").value(), std::chrono::minutes(2));
  EXPECT_EQ(parse_duration("0").value(), Nanoseconds(0));
}

TEST(Units, ReadsSizesAndRates) {
  EXPECT_EQ(parse_byte_count("2GiB").value(), 2ULL << 30);
  EXPECT_EQ(parse_byte_count("100MB").value(), 100'000'000ULL);
  EXPECT_DOUBLE_EQ(parse_rate("1.25GB/s").value(), 1.25e9);
  EXPECT_DOUBLE_EQ(parse_rate("10Gbit/s").value(), 1.25e9);
}

TEST(Units, RefusesWhatHasNoUnitOrNoSense) {
  for (const char* text : {"", "5", "ms", "-5ms", "5 parsecs", "inf s", "nan s", "1e400s", "5msx"})
    EXPECT_FALSE(parse_duration(text)) << text;
  for (const char* text : {"", "12", "1GiBB", "-1B", "9999999TiB"})
    EXPECT_FALSE(parse_byte_count(text)) << text;
  for (const char* text : {"", "100", "100MB", "-1MB/s"}) EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(Units, RefusesCountsOutsideTheirRange) {
  EXPECT_EQ(parse_count("depth", "16", 1, 1024).value(), 16U);
  for (const char* text : {"", "0", "-1", "+1", "1.5", "abc", "16x", " 16", "1025", "99999999999999999999"}) {
    const auto result = parse_count("depth", text, 1, 1024);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  }
}

TEST(Units, WritesForPeople) {
  EXPECT_EQ(format_duration(milliseconds(5)), "5 ms");
  EXPECT_EQ(format_duration(std::chrono::seconds(125)), "2 min 05 s");
  EXPECT_EQ(format_byte_count(512ULL << 20), "512 MiB");
  EXPECT_EQ(format_byte_count(1536ULL << 20), "1.5 GiB");
}

}  // namespace
}  // namespace depthfinder
