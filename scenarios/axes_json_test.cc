// SPDX-License-Identifier: MIT
#include "scenarios/axes_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Through the schema, as a file comes.
Result<Scenario> with_axes(const std::string& axes, const std::string& more = "") {
  return parse_scenario(
      R"({"name": "x", "title": "X", "about": "X.", "image": {"size": "8MiB"}, "server": {}, "axes": {)" +
          axes + "}" + more + "}",
      "x.json");
}

TEST(ReadAxes, ReadsAllOfThem) {
  const auto scenario = with_axes(R"("strategy": ["pipelined"], "depth": [4, "auto"], "threads": ["auto", 2],
      "connections": [1, 4], "sha_ni": ["on", "off"], "vectors": ["all", "avx2", "sse"], "writers": [1, 2],
      "buffers": ["pool", "fresh"], "chunk_cache": [0, 8], "http2_window": ["65535B", "2147483646B"],
      "http2_frame": ["16KiB", "4MiB"])");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const Axes& axes = scenario->axes;
  EXPECT_THAT(axes.depth, ElementsAre(4, kAuto));
  EXPECT_THAT(axes.threads, ElementsAre(kAuto, 2));
  EXPECT_THAT(axes.connections, ElementsAre(1, 4));
  EXPECT_THAT(axes.vectors, ElementsAre(Vectors::all, Vectors::avx2, Vectors::sse));
  EXPECT_THAT(axes.writers, ElementsAre(1, 2));
  EXPECT_THAT(axes.buffers, ElementsAre(Buffers::pool, Buffers::fresh));
  EXPECT_THAT(axes.chunk_cache, ElementsAre(0, 8));
  EXPECT_THAT(axes.http2_window_bytes, ElementsAre(65'535, kHttp2WindowDefault));
  EXPECT_THAT(axes.http2_frame_bytes, ElementsAre(16'384, kHttp2FrameDefault));
  const auto again = parse_scenario(scenario_json(*scenario), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->axes, axes);
}

// The text is hashed, and results are told apart by the hash.
TEST(AxesJson, SaysNothingOfDefaults) {
  const auto scenario = with_axes(R"("depth": [1])");
  ASSERT_TRUE(scenario);
  EXPECT_EQ(axes_json(scenario->axes).dump(),
            R"({"strategy":["spawned"],"depth":[1],"threads":[4],"connections":[1],"sha_ni":["on"]})");
}

TEST(ReadAxes, RefusesWhatCannotBe) {
  struct Row {
    const char* axes;
    std::vector<std::string> words;
  };
  const Row rows[] = {
      {R"("depth": ["auto"])", {"axes.depth", "pipelined", "spawned"}},
      {R"("depth": [1], "threads": ["auto"], "strategy": ["pipelined", "threads"])",
       {"axes.threads", "pipelined", "\"threads\""}},
      {R"("depth": ["Auto"], "strategy": ["pipelined"])", {"axes.depth"}},
      {R"("depth": [-1], "strategy": ["pipelined"])", {"axes.depth"}},
      {R"("depth": ["auto", "auto"], "strategy": ["pipelined"])", {"axes.depth"}},
      {R"("depth": [1], "connections": [0])", {"axes.connections"}},
      {R"("depth": [1], "connections": ["auto"])", {"axes.connections"}},
      {R"("depth": [1], "writers": [2])", {"axes.writers", "pipelined"}},
      {R"("depth": [1], "writers": [0], "strategy": ["pipelined"])", {"axes.writers"}},
      {R"("depth": [1], "buffers": ["heap"])", {"axes.buffers"}},
      {R"("depth": [1], "vectors": ["avx512"])", {"axes.vectors"}},
      {R"("depth": [1], "chunk_cache": [-1])", {"axes.chunk_cache"}},
      {R"("depth": [1], "chunk_cache": [1025])", {"axes.chunk_cache"}},
      {R"("depth": [1], "http2_window": ["64KB"])", {"axes.http2_window", "65535"}},
      {R"("depth": [1], "http2_window": ["2GiB"])", {"axes.http2_window", "2147483647"}},
      {R"("depth": [1], "http2_window": ["1"])", {"axes.http2_window", "unit"}},
      {R"("depth": [1], "http2_window": [65536])", {"axes.http2_window"}},
      {R"("depth": [1], "http2_frame": ["16383B"])", {"axes.http2_frame", "16384"}},
      {R"("depth": [1], "http2_frame": ["16MiB"])", {"axes.http2_frame", "16777215"}},
      {R"("depth": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17], "threads": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],
          "connections": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16])",
       {"4096"}},
  };
  for (const Row& row : rows) {
    const auto scenario = with_axes(row.axes);
    ASSERT_FALSE(scenario) << row.axes;
    EXPECT_EQ(scenario.error().kind, ErrorKind::bad_input);
    for (const std::string& word : row.words)
      EXPECT_THAT(scenario.error().message, HasSubstr(word)) << row.axes;
  }
}

TEST(ReadBystander, ReadsWhatRunsBesideARestore) {
  struct Row {
    const char* text;
    const char* bystander;
  };
  constexpr Row kRows[] = {{R"(, "bystander": {"kind": "cpu"})", "cpu"},
                           {R"(, "bystander": {"kind": "both"}, "bystander_budget": "p99<2x")", "both"},
                           {R"(, "bystander": {"command": "sync; true"})", "command:sync; true"},
                           {"", ""}};
  for (const Row& row : kRows) {
    const auto scenario = with_axes(R"("depth": [1])", row.text);
    ASSERT_TRUE(scenario) << row.text << scenario.error().message;
    EXPECT_EQ(scenario->bystander, row.bystander);
    const auto again = parse_scenario(scenario_json(*scenario), "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->bystander, scenario->bystander);
    EXPECT_EQ(again->bystander_budget, scenario->bystander_budget);
  }
}

TEST(ReadBystander, RefusesWhatIsNone) {
  for (const char* text :
       {R"(, "bystander": {})", R"(, "bystander": {"kind": "all"})", R"(, "bystander": {"command": ""})",
        R"(, "bystander": {"command": " "})", R"(, "bystander": {"kind": "cpu", "command": "x"})",
        R"(, "bystander": "cpu")", R"(, "bystander_budget": "p99<2x")",
        R"(, "bystander": {"kind": "cpu"}, "bystander_budget": "p99<1x")"}) {
    const auto scenario = with_axes(R"("depth": [1])", text);
    ASSERT_FALSE(scenario) << text;
    EXPECT_THAT(scenario.error().message, HasSubstr("bystander")) << text;
  }
}

}  // namespace
}  // namespace depthfinder
