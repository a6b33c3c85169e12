// SPDX-License-Identifier: MIT
#include "reports/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/result_json.h"
#include "reports/sample_result.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string named(const std::string& name, const std::string& started_at_utc = "2025-07-07T08:00:00Z") {
  SweepResult result = sample::link_limited();
  result.scenario.name = name;
  result.started_at_utc = started_at_utc;
  const auto text = to_json(result);
  EXPECT_TRUE(text);
  return text ? *text : "";
}

// The bundle of texts that are named "0", "1", ...
Result<std::string> merged(const std::vector<std::string>& texts) {
  std::vector<StoredResult> all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    DF_ASSIGN(auto some, read_results(texts[i], std::to_string(i) + ".json"));
    for (StoredResult& one : some) all.push_back(std::move(one));
  }
  DF_ASSIGN(const auto collected, collect(std::move(all)));
  return bundle_json(collected);
}

TEST(Merge, DoesNotDependOnTheOrder) {
  const std::vector<std::string> texts = {named("b"), named("a"), named("a", "2025-07-08T08:00:00Z")};
  const auto expected = merged(texts);
  ASSERT_TRUE(expected) << expected.error().message;
  for (const std::vector<std::size_t>& order : {std::vector<std::size_t>{1, 0, 2}, {2, 1, 0}, {2, 0, 1}}) {
    const auto other = merged({texts[order[0]], texts[order[1]], texts[order[2]]});
    ASSERT_TRUE(other);
    EXPECT_EQ(*other, *expected);
  }
  const auto part = merged({texts[2], texts[0]});
  ASSERT_TRUE(part);
  const auto whole = merged({*part, texts[1]});
  ASSERT_TRUE(whole) << "bundles are merged like their parts";
  EXPECT_EQ(*whole, *expected);
}

TEST(Merge, KeepsEachResultWhole) {
  const auto golden = read_file(DEPTHFINDER_SOURCE_DIR "/reports/testdata/version_2.result.json", 1 << 20);
  ASSERT_TRUE(golden);
  const auto bundle = merged({named("a"), std::string(as_text(*golden))});
  ASSERT_TRUE(bundle) << bundle.error().message;
  const auto stored = read_results(*bundle, "merged.json");
  ASSERT_TRUE(stored) << stored.error().message;
  ASSERT_EQ(stored->size(), 2U);
  const auto before = from_json(named("a"), "a");
  ASSERT_TRUE(before);
  EXPECT_EQ(*to_json(stored->front().result), *to_json(*before));
  EXPECT_THAT(stored->back().document, HasSubstr(R"("schema_version":2)")) << "its own version";
  EXPECT_EQ(stored->back().where, "merged.json: results.1");
}

TEST(Merge, RefusesTheSameSweepTwice) {
  const auto twice = merged({named("a"), named("b"), named("a")});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(twice.error().message,
              AllOf(HasSubstr("0.json and 2.json"), HasSubstr("same sweep"), HasSubstr("a")));
}

TEST(Merge, RefusesBundlesThatAreNotOurs) {
  const struct {
    const char* text;
    const char* words;
  } kRows[] = {
      {R"({"schema": "depthfinder-results", "schema_version": 2, "results": []})", "reads 1 only"},
      {R"({"schema": "depthfinder-results", "results": []})", "version unknown"},
      {R"({"schema": "depthfinder-results", "schema_version": 1, "results": []})", "results"},
      {R"({"schema": "depthfinder-results", "schema_version": 1, "results": [1]})", "results"},
      {R"({"schema": "depthfinder-results", "schema_version": 1, "results": [{"schema": "depthfinder-result", "schema_version": 3}], "more": 1})",
       "more"},
      {R"({"schema": "depthfinder-results", "schema_version": 1,
           "results": [{"schema": "depthfinder-result", "schema_version": 99}]})",
       "m.json: results.0 has schema_version 99"},
      {R"([])", "not a depthfinder result"},
      {"", "not valid JSON"},
  };
  for (const auto& row : kRows) {
    const auto read = read_results(row.text, "m.json");
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(read.error().message, HasSubstr(row.words));
  }
}

}  // namespace
}  // namespace depthfinder
