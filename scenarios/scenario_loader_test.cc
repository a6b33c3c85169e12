// SPDX-License-Identifier: MIT
#include "scenarios/scenario_loader.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A scenario text with `more` at the end of its object.
std::string minimal(const std::string& more = "", const std::string& image = R"("size": "8MiB")",
                    const std::string& axes = R"("depth": [1])") {
  return R"({"name": "x", "title": "X", "about": "X.", "image": {)" + image +
         R"(}, "server": {}, "axes": {)" + axes + "}" + more + "}";
}

TEST(ParseScenario, FillsDefaults) {
  const auto scenario = parse_scenario(minimal(), "x.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->image.size_bytes, 8U << 20);
  EXPECT_EQ(scenario->memory_budget_bytes, 256U << 20);
  EXPECT_EQ(scenario->blocks, 10);
  EXPECT_EQ(scenario->server.rate_bytes_per_s, 0);
  EXPECT_FALSE(scenario->time_budget);
  EXPECT_THAT(scenario->axes.strategy, ElementsAre("spawned"));
  EXPECT_THAT(scenario->axes.threads, ElementsAre(4));
}

TEST(ParseScenario, ReadsUnits) {
  const auto scenario =
      parse_scenario(minimal(R"(, "memory_budget": "64MiB", "time_budget": "2m")"), "x.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->memory_budget_bytes, 64U << 20);
  EXPECT_EQ(scenario->time_budget, std::chrono::minutes(2));
}

TEST(ParseScenario, RefusesWhatItDoesNotKnowAndSaysWhere) {
  struct Row {
    std::string text;
    std::vector<std::string> words;
  };
  const Row rows[] = {
      {minimal(R"(, "colour": "red")"), {"unknown key", "colour"}},
      {minimal("", R"("size": "8MiB", "zeroes": 0.5)"), {"image", "unknown key", "zeroes"}},
      {minimal("", R"("size": "8MiB")", R"("depth": [0])"), {"axes.depth"}},
      {minimal("", R"("size": "8MiB")", R"("depth": [])"), {"axes.depth"}},
      {minimal("", R"("size": "8MiB")", R"("depth": [1, 1])"), {"axes.depth"}},
      {minimal("", R"("size": "8MiB")", R"("depth": [1.5])"), {"axes.depth"}},
      {minimal("", R"("size": "8MiB")", R"("depth": [1], "strategy": ["magic"])"), {"axes.strategy"}},
      {minimal("", R"("size": "8")"), {"image.size", "unit"}},
      {minimal("", R"("size": "0")"), {"image.size"}},
      {minimal("", R"("size": "8MiB", "zeros": 1.1)"), {"image.zeros"}},
      {minimal(R"(, "blocks": 0)"), {"blocks"}},
      {minimal(R"(, "blocks": 1e400)"), {"not valid JSON"}},
      {minimal(R"(, "name": "y")"), {"\"name\" twice"}},
      {minimal(R"(, "time_budget": "soon")"), {"time_budget"}},
      {minimal(R"(, "target": {})"), {"target"}},
      {minimal(R"(, "target": {"speed": "1ms"})"), {"target", "unknown key", "speed"}},
      {minimal(R"(, "target": {"latency": "501ms"})"), {"target.latency", "500ms"}},
      {minimal(R"(, "target": {"rate": "9MB/s"})"), {"target.rate", "10MB/s"}},
      {"[]", {"the top level"}},
      {"{", {"not valid JSON"}},
      {"", {"not valid JSON"}},
      {std::string(100'000, '['), {"nested too deeply"}},
  };
  for (const Row& row : rows) {
    const auto scenario = parse_scenario(row.text, "x.json");
    ASSERT_FALSE(scenario) << row.text;
    EXPECT_EQ(scenario.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(scenario.error().message, HasSubstr("x.json"));
    for (const std::string& word : row.words)
      EXPECT_THAT(scenario.error().message, HasSubstr(word)) << row.text;
  }
}

TEST(ParseScenario, ReadsWhatTheRestoreWritesTo) {
  const auto scenario =
      parse_scenario(minimal(R"(, "target": {"latency": "2.2ms", "rate": "500MB/s"})"), "x.json");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->target, (TargetSpec{std::chrono::microseconds(2200), 500e6}));
}

TEST(ParseScenario, DoesNotFollowFileNamesInTextsFromElsewhere) {
  std::string text = minimal();
  text.replace(text.find(R"("server": {})"), 12, R"("server": {"replay": "/etc/hostname"})");
  const auto scenario = parse_scenario(text, "result.json");
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error().message, AllOf(HasSubstr("server.replay"), HasSubstr("not looked for")));
}

TEST(ShippedScenarios, LoadAndAreNamedAsTheirFiles) {
  EXPECT_THAT(
      shipped_scenario_names(),
      ElementsAre("auto-depth", "buffers", "bystander", "encrypted", "flaky-network", "hdd-sequential",
                  "heavy-duplicates", "http2-windows", "local-nvme", "pipelined-vs-spawned", "quickstart",
                  "raid-hdd-scattered", "s3-cached", "s3-cold", "s3-rate-limited", "slow-target",
                  "ten-gbit-sha-ni", "two-socket-no-sha-ni", "wan-150ms", "wan-25ms", "zeros-69"));
  for (const std::string_view name : shipped_scenario_names()) {
    const auto scenario = load_scenario(std::string(name));
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->name, name);
    EXPECT_THAT(scenario->about, HasSubstr("ot modelled")) << name;
    EXPECT_FALSE(scenario->sources.empty()) << name;
    EXPECT_TRUE(scenario->time_budget && *scenario->time_budget <= std::chrono::minutes(4)) << name;
  }
}

// `sweep --list` prints name and title in 80 columns, the name in 22.
TEST(ShippedScenarios, FitTheirListing) {
  for (const std::string_view name : shipped_scenario_names()) {
    const auto scenario = load_scenario(std::string(name));
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_LE(name.size(), 22U) << name;
    EXPECT_LE(scenario->title.size(), 57U) << name;
  }
}

TEST(ShippedScenarios, QuickstartFitsTwoMinutes) {
  const auto scenario = load_scenario("quickstart");
  ASSERT_TRUE(scenario);
  EXPECT_LE(expand_cells(*scenario).size(), 20U)
      << "at 0.8 s each, more than half of the time would be the pilot's";
  ASSERT_TRUE(scenario->time_budget);
  EXPECT_LE(*scenario->time_budget, std::chrono::seconds(110));
}

TEST(LoadScenario, NamesTheShippedOnesWhenThereIsNoSuchName) {
  const auto scenario = load_scenario("quickstrat");
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(scenario.error().message, AllOf(HasSubstr("quickstrat"), HasSubstr("quickstart")));
}

TEST(LoadScenario, ReadsAFileByItsPath) {
  const auto path = std::filesystem::path(testing::TempDir()) / "scenario_loader_test.json";
  std::ofstream(path) << minimal();
  const auto scenario = load_scenario(path.string());
  std::filesystem::remove(path);
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->name, "x");
  EXPECT_FALSE(load_scenario(path.string()));
}

TEST(ScenarioJson, IsReadBackUnchanged) {
  for (const std::string_view name : shipped_scenario_names()) {
    const auto scenario = load_scenario(std::string(name));
    ASSERT_TRUE(scenario);
    const std::string text = scenario_json(*scenario);
    const auto again = parse_scenario(text, "again");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(scenario_json(*again), text);
    EXPECT_EQ(again->server, scenario->server);
    EXPECT_EQ(again->target, scenario->target);
    EXPECT_EQ(again->axes, scenario->axes);
    EXPECT_EQ(again->bystander, scenario->bystander);
    EXPECT_EQ(again->bystander_budget, scenario->bystander_budget);
  }
}

TEST(ScenarioJson, KeepsOddValuesExactly) {
  auto scenario = parse_scenario(minimal(), "x.json");
  ASSERT_TRUE(scenario);
  scenario->image.size_bytes = 12'345'678'901;
  scenario->server.latency = std::chrono::nanoseconds(1'234'567);
  scenario->server.rate_bytes_per_s = 117.0 * 1024 * 1024 / 3;
  const auto again = parse_scenario(scenario_json(*scenario), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->image.size_bytes, scenario->image.size_bytes);
  EXPECT_EQ(again->server.latency, scenario->server.latency);
  EXPECT_DOUBLE_EQ(again->server.rate_bytes_per_s, scenario->server.rate_bytes_per_s);
}

}  // namespace
}  // namespace depthfinder
