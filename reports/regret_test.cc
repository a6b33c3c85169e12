// SPDX-License-Identifier: MIT
#include "reports/regret.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/recommendations.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kGrid = R"("depth": [1, 4, 8, 16], "threads": [2, 4])";

// X = min(rate of depth 1 x depth, plateau), the same in every block.
SweepResult knee(const std::string& name, double first, double plateau, const std::string& axes = kGrid) {
  auto result = sample::result(sample::scenario(axes), 3,
                               [&](const Cell& cell, int) { return std::min(plateau, first * cell.depth); });
  result.scenario.name = name;
  return result;
}

const RegretRow* row_of(const CommonChoice& choice, int depth, int threads) {
  for (const RegretRow& row : choice.rows)
    if (row.cell.depth == depth && row.cell.threads == threads) return &row;
  return nullptr;
}

TEST(Regret, IsTheLossAgainstTheFastestCommonSetting) {
  // Knees at 4 and at 12: depth 8 loses nothing near and a third far; depth 16 nothing anywhere.
  const std::vector<SweepResult> results = {knee("near", 200, 800), knee("far", 50, 600)};
  const auto choice = minimax_regret(results);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->cell.depth, 16);
  EXPECT_THAT(choice->rows, SizeIs(8));
  EXPECT_THAT(choice->names, testing::ElementsAre("near", "far"));
  const RegretRow* eight = row_of(*choice, 8, 2);
  ASSERT_TRUE(eight);
  EXPECT_NEAR(*eight->regrets[0], 0, 1e-12);
  EXPECT_NEAR(*eight->regrets[1], 1 - 400.0 / 600, 1e-12);
  EXPECT_EQ(eight->worst, 1U);
  EXPECT_EQ(choice->confidence, 1) << "without noise every resample agrees";
}

TEST(Regret, ComparesWithTheSettingsOfTheWorld) {
  const std::vector<SweepResult> results = {knee("near", 200, 800), knee("far", 50, 600)};
  const auto choice = minimax_regret(results);
  ASSERT_TRUE(choice);
  ASSERT_THAT(choice->baselines, SizeIs(3));
  EXPECT_NEAR(*choice->baselines[0].regret_max, 0, 1e-12) << "16/4";
  EXPECT_NEAR(*choice->baselines[1].regret_max, 1 - 50.0 / 600, 1e-12) << "1/4";
  // The sample host has 8 CPUs: depth 4, and 4 threads.
  EXPECT_NEAR(*choice->baselines[2].regrets[1], 1 - 200.0 / 600, 1e-12) << "half the cores";
  for (const RegretRow& row : choice->baselines) EXPECT_THAT(row.stand_ins, Each(""));
}

TEST(Regret, SaysWhatWasMeasuredInPlaceOfABaseline) {
  const std::vector<SweepResult> results = {knee("a", 200, 800, R"("depth": [1, 8], "threads": [2])"),
                                            knee("b", 50, 600, R"("depth": [1, 8], "threads": [2])")};
  const auto choice = minimax_regret(results);
  ASSERT_TRUE(choice);
  EXPECT_FALSE(choice->baselines[0].regret_max) << "depth 16 was not measured, and nothing is guessed";
  EXPECT_TRUE(choice->baselines[1].regret_max);
  EXPECT_EQ(choice->baselines[1].stand_ins[0], "spawned, depth 1, 2 threads");
  EXPECT_THAT(common_choice_text(*choice),
              HasSubstr("* one at a time, 1/4 was not measured in [1] [2]: the"));
}

TEST(Regret, ComparesEachHostInItsOwnCpuState) {
  const auto without =
      knee("without", 50, 600, R"("depth": [1, 4, 8, 16], "threads": [2, 4], "sha_ni": ["off"])");
  const auto choice = minimax_regret(std::vector{knee("with", 200, 800), without});
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->cell.depth, 16);
  EXPECT_THAT(choice->rows, SizeIs(8));
}

TEST(Regret, ComparesDepthsWhereNoThreadCountIsCommon) {
  const auto two = knee("two", 200, 800, R"("depth": [1, 4, 8], "threads": [2])");
  const auto eight = knee("eight", 50, 400, R"("depth": [1, 4, 8], "threads": [4, 8])");
  const auto choice = minimax_regret(std::vector{two, eight});
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_TRUE(choice->is_for_own_threads);
  EXPECT_EQ(choice->cell.depth, 8);
  EXPECT_EQ(setting_line(*choice), "PBS_RESTORE_FETCH_CONCURRENCY=8");
  EXPECT_FALSE(minimax_regret(std::vector{two, knee("x", 9, 9, R"("depth": [2], "threads": [2])")}));
}

TEST(Regret, NeverChoosesWhatIsOverTheBudget) {
  auto far = knee("far", 50, 600);
  far.scenario.memory_budget_bytes = 64ULL << 20;  // depth 8
  const auto choice = minimax_regret(std::vector{knee("near", 200, 800), far});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->cell.depth, 8);
  const RegretRow* row = row_of(*choice, 16, 4);
  ASSERT_TRUE(row);
  EXPECT_THAT(row->excluded, HasSubstr("64 MiB"));
  EXPECT_LT(*row->regrets[1], 0) << "it is faster than all that may be chosen";
  EXPECT_THAT(common_choice_text(*choice), HasSubstr("is never chosen: over the memory budget"));
}

// A sweep that stops measuring hopeless cells leaves them with fewer blocks.
TEST(Regret, ComparesDroppedCellsOverTheBlocksThatTheyHave) {
  auto result = sample::result(sample::scenario(kGrid), 6, [](const Cell& cell, int block) {
    return std::min(800.0, 200.0 * cell.depth) * (block < 3 ? 0.5 : 1);  // the host was slow at first
  });
  std::erase_if(result.trials, [](const Trial& trial) {
    return trial.block >= 3 && trial.cell_id.starts_with("spawned-d1-");
  });
  for (std::size_t block = 3; block < 6; ++block)
    std::erase_if(result.block_orders[block],
                  [](const std::string& id) { return id.starts_with("spawned-d1-"); });
  const auto choice = minimax_regret(std::vector{result});
  ASSERT_TRUE(choice);
  const RegretRow* dropped = row_of(*choice, 1, 4);
  ASSERT_TRUE(dropped);
  EXPECT_NEAR(*dropped->regret_max, 0.75, 1e-12);
  EXPECT_EQ(dropped->excluded, "");
}

TEST(Regret, TextKeepsWithin80Columns) {
  std::vector<SweepResult> results;
  for (int i = 0; i < 12; ++i)
    results.push_back(
        knee("a-scenario-with-a-longish-name", 50.0 + 10 * i, 600,
             R"("strategy": ["spawned", "pipelined"], "depth": [1, 4, 8, 16, 64], "threads": [2, 4],
                              "writers": [1, 2])"));
  const auto all = recommend_all(results);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_TRUE(all->common);
  std::istringstream lines(recommendations_text(*all) + *settings_text(*all));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Recommendations, JsonHasTheCommonChoiceAndEveryOther) {
  const auto all = recommend_all(std::vector{knee("near", 200, 800), knee("far", 50, 600)});
  ASSERT_TRUE(all);
  const auto document = nlohmann::json::parse(recommendations_json(*all));
  EXPECT_EQ(document.at("depth"), 16);
  EXPECT_EQ(document.at("threads"), 2);
  EXPECT_EQ(document.at("confidence"), 1);
  EXPECT_EQ(document.at("regret_table").at("rows").size(), 8U);
  EXPECT_EQ(document.at("regret_table").at("baselines").at(0).at("name"), "upstream's 16/4");
  EXPECT_NEAR(document.at("regret_table").at("baselines").at(1).at("regrets").at("far").get<double>(), 0.9167,
              1e-9);
  EXPECT_EQ(document.at("recommendations").size(), 2U);
  EXPECT_EQ(document.at("recommendations").at(0).at("depth"), 4);
}

TEST(Recommendations, SettingsArePastedAsTheyAre) {
  const auto one = recommend_all(std::vector{knee("near", 200, 800)});
  ASSERT_TRUE(one);
  const auto text = settings_text(*one);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, AllOf(HasSubstr("\nPBS_RESTORE_FETCH_CONCURRENCY=4\nPBS_RESTORE_MAX_THREADS=2\n"),
                           HasSubstr("\n# const MAX_BUFFERED_FUTURES: usize = 4;\n")));
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("#") || line.starts_with("PBS_RESTORE_")) << line;
}

}  // namespace
}  // namespace depthfinder
