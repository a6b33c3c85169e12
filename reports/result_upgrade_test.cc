// SPDX-License-Identifier: MIT
#include "reports/result_upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/result_json.h"
#include "reports/sample_result.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

using nlohmann::json;

// Written by the program when that was the version.
std::string version_2_text() {
  const auto text = read_file(DEPTHFINDER_SOURCE_DIR "/reports/testdata/version_2.result.json", 1 << 20);
  EXPECT_TRUE(text) << text.error().message;
  return text ? std::string(as_text(*text)) : "";
}

TEST(UpgradeVersion2, ReadsAResultOfThatVersion) {
  const auto result = from_json(version_2_text(), "old.json");
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->cells.size(), 2U);
  EXPECT_EQ(result->cells[0], expand_cells(result->scenario)[0]);
  ASSERT_EQ(result->trials.size(), 4U);
  for (const Trial& trial : result->trials) {
    ASSERT_TRUE(trial.metrics);
    EXPECT_EQ(trial.metrics->depth_mean, 1);
    EXPECT_EQ(trial.metrics->threads_mean, 1);
    EXPECT_TRUE(trial.metrics->depth_trace.empty());
    EXPECT_FALSE(trial.metrics->bystander);
    EXPECT_FALSE(trial.metrics->cpu_floor_s);
  }
  const auto text = to_json(*result);
  ASSERT_TRUE(text);
  EXPECT_EQ(json::parse(*text)["schema_version"], 5);
}

TEST(UpgradeVersion4, ReadsAResultWithoutTimelines) {
  SweepResult sample = sample::link_limited();
  for (Trial& trial : sample.trials) trial.timeline.reset();
  const auto text = to_json(sample);
  ASSERT_TRUE(text);
  json old = json::parse(*text);
  old["schema_version"] = 4;
  const auto result = from_json(old.dump(), "old.json");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(to_json(*result), *text);
}

TEST(UpgradeVersion4, LeavesWhatIsWrongToTheSchema) {
  const auto text = to_json(sample::link_limited());
  ASSERT_TRUE(text);
  json old = json::parse(*text);
  old["schema_version"] = 4;
  old["trials"][0]["timeline"][0].erase("ready_ms");
  EXPECT_FALSE(from_json(old.dump(), "old.json"));
}

TEST(UpgradeVersion2, LeavesWhatIsWrongToTheSchema) {
  const json sample = json::parse(version_2_text());
  for (const char* patch : {R"([{"op": "replace", "path": "/cells", "value": 1}])",
                            R"([{"op": "replace", "path": "/cells/0", "value": "x"}])",
                            R"([{"op": "replace", "path": "/cells/0/id", "value": 7}])",
                            R"([{"op": "replace", "path": "/cells/0/depth", "value": {}}])",
                            R"([{"op": "replace", "path": "/trials", "value": {}}])",
                            R"([{"op": "replace", "path": "/trials/0", "value": null}])",
                            R"([{"op": "replace", "path": "/trials/0/cell", "value": []}])",
                            R"([{"op": "replace", "path": "/trials/0/metrics", "value": []}])",
                            R"([{"op": "add", "path": "/cells/0/colour", "value": 1}])",
                            R"([{"op": "add", "path": "/trials/0/metrics/luck", "value": 1}])"}) {
    const auto result = from_json(sample.patch(json::parse(patch)).dump(), "old.json");
    ASSERT_FALSE(result) << patch;
    EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
  }
}

}  // namespace
}  // namespace depthfinder
