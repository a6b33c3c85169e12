// SPDX-License-Identifier: MIT
#include "restore_core/client/api_client.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(ApiClient, ReadsAnySnapshotListInOrder) {
  const auto list = parse_snapshot_list(R"({"data":[
    {"backup-type":"vm","backup-id":"100","backup-time":20,"files":[{"filename":"index.json.blob","size":5}],"owner":"x"},
    {"backup-type":"vm","backup-id":"100","backup-time":10,"files":[{"filename":"a.img.fidx"}]},
    {"backup-type":"tape","backup-id":"1","backup-time":1,"files":[]},
    {"backup-type":"host","backup-id":"1","backup-time":1,"files":[]}],"total":4})");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[0].name.time_s, 10);
  EXPECT_FALSE((*list)[0].is_finished());
  EXPECT_EQ((*list)[0].files[0].size_bytes, std::nullopt);
  EXPECT_TRUE((*list)[1].is_finished());
  EXPECT_EQ((*list)[1].files[0].size_bytes, 5u);
  EXPECT_EQ((*list)[2].name.type, BackupType::host);
}

TEST(ApiClient, LeavesOutWhatIsNoName) {
  const auto list = parse_snapshot_list(R"({"data":[
    {"backup-type":"vm","backup-id":"../100","backup-time":20,"files":[]},
    {"backup-type":"vm","backup-id":"","backup-time":20,"files":[]},
    {"backup-type":"vm","backup-id":"100\u0000","backup-time":20,"files":[]},
    {"backup-type":"vm","backup-id":"100","backup-time":0,"files":[]},
    {"backup-type":"vm","backup-id":"100","backup-time":-9223372036854775808,"files":[]},
    {"backup-type":"vm","backup-id":"100","backup-time":9223372036854775807,"files":[]},
    {"backup-type":"vm","backup-id":"100","backup-time":253402300799,"files":[]}]})");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ((*list)[0].name.to_string(), "vm/100/9999-12-31T23:59:59Z");
}

TEST(ApiClient, OtherAnswersAreErrors) {
  for (const std::string_view text :
       {"", "text", "{}", R"({"data":[1]})", R"({"data":[{"backup-type":"vm"}]})",
        R"({"data":[{"backup-type":1,"backup-id":"1","backup-time":1,"files":[]}]})",
        R"({"data":[{"backup-type":"vm","backup-id":"1","backup-time":"1","files":[]}]})",
        R"({"data":[{"backup-type":"vm","backup-id":"1","backup-time":1,"files":[{}]}]})"}) {
    const auto list = parse_snapshot_list(text);
    EXPECT_TRUE(!list && list.error().kind == ErrorKind::protocol) << text;
  }
  EXPECT_EQ(parse_snapshot_list(R"({"data":)" + std::string(1 << 20, '[')).error().kind, ErrorKind::protocol);
  EXPECT_EQ(parse_version(R"({"data":null})").error().kind, ErrorKind::protocol);
  EXPECT_EQ(parse_version(R"({"data":{"version":"4.1","release":"7"}})")->release, "7");
}

}  // namespace
}  // namespace depthfinder
