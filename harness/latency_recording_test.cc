// SPDX-License-Identifier: MIT
#include "harness/latency_recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/temporary_directory.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;

TimePoint at(Nanoseconds time) { return TimePoint(std::chrono::hours(5) + time); }

TEST(LatencyRecording, TimesCountFromTheFirstRequestAndFromTheSendingOfEach) {
  using std::chrono::microseconds;
  const std::vector<LatencySample> samples{
      {at(microseconds(0)), at(microseconds(5250)), at(microseconds(7000)), 4194304, 1},
      {at(microseconds(125)), at(microseconds(6125)), at(microseconds(6625) + Nanoseconds(400)), 77, 2}};
  const auto directory = TemporaryDirectory::make();
  ASSERT_TRUE(directory);
  const auto file = directory->path() / "trace.json";
  ASSERT_TRUE(write_recording(file, samples));
  const auto text = read_file(file, 1000);
  ASSERT_TRUE(text);
  EXPECT_EQ(as_text(*text),
            R"({"schema": "depthfinder-latency-trace", "schema_version": 1,
 "requests": {
  "sent_ms": [0,0.125],
  "first_byte_ms": [5.25,6],
  "last_byte_ms": [7,6.5],
  "bytes": [4194304,77],
  "in_flight": [1,2]}}
)");
}

TEST(LatencyRecording, TheCheckLeavesNothingBehindAndTheOldFileAlone) {
  const auto directory = TemporaryDirectory::make();
  ASSERT_TRUE(directory);
  const auto file = directory->path() / "trace.json";
  EXPECT_TRUE(check_recording_file(file, "null"));
  EXPECT_TRUE(std::filesystem::is_empty(directory->path()));
  ASSERT_TRUE(write_file_atomically(file, as_bytes("old")));
  EXPECT_TRUE(check_recording_file(file, directory->path() / "disk.raw"));
  EXPECT_EQ(as_text(*read_file(file, 10)), "old");
}

TEST(LatencyRecording, RefusesWhatCannotBeWrittenOrMustNotBeReplaced) {
  const auto directory = TemporaryDirectory::make();
  ASSERT_TRUE(directory);
  const auto in = [&](const char* name) { return directory->path() / name; };
  struct Case {
    std::filesystem::path file;
    const char* says;
  };
  for (const Case& c : {Case{"", "names no file"}, Case{in("new/"), "names no file"},
                        Case{in("missing/trace.json"), "No such file or directory"},
                        Case{directory->path(), "no regular file"}, Case{"/dev/null", "no regular file"},
                        Case{in("./disk.raw"), "the image is restored to it"}}) {
    const auto checked = check_recording_file(c.file, in("disk.raw"));
    ASSERT_FALSE(checked) << c.file;
    EXPECT_EQ(checked.error().kind, ErrorKind::bad_input) << c.file;
    EXPECT_THAT(checked.error().message, HasSubstr(c.says)) << c.file;
  }
}

}  // namespace
}  // namespace depthfinder
