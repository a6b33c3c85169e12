// SPDX-License-Identifier: MIT
#include "reports/race_round.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/recommend.h"
#include "reports/result_json.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Depth 4 fills the link; small, fixed noise.
double rate(const Cell& cell, int block) {
  const double wobble = 1 + 0.002 * ((block * 7 + cell.depth * 3) % 5);
  return std::min(cell.depth * 250.0, 1000.0) * wobble;
}

SweepResult linked(int blocks) {
  return sample::result(
      sample::scenario(R"("strategy": ["spawned"], "depth": [1, 2, 4, 8, 16], "threads": [2])"), blocks,
      rate);
}

std::vector<std::string> ids(const std::vector<const Cell*>& cells) {
  std::vector<std::string> found;
  for (const Cell* cell : cells) found.push_back(cell->id);
  return found;
}

std::string decision_of(const RaceRound& round, const std::string& id) {
  for (const RacingDecision& decision : round.decisions)
    if (decision.cell_id == id) return decision.decision + ": " + decision.reason;
  return "";
}

TEST(RaceRound, DecidesNothingBeforeThePilotIsComplete) {
  EXPECT_TRUE(race_round(linked(2), 1).decisions.empty());
  EXPECT_TRUE(race_round(linked(5), 1).decisions.empty()) << "later blocks are not looked at";
}

TEST(RaceRound, DropsWhatIsSlowerAndWhatCostsMore) {
  SweepResult result = linked(3);
  const RaceRound round = race_round(result, 2);
  EXPECT_FALSE(round.stopped);
  EXPECT_EQ(round.pick_id, "spawned-d4-t2-c1-shani-on");
  EXPECT_THAT(decision_of(round, "spawned-d1-t2-c1-shani-on"),
              HasSubstr("dropped: 25 % of the fastest cell's rate"));
  EXPECT_THAT(decision_of(round, "spawned-d2-t2-c1-shani-on"), HasSubstr("dropped: 50 %"));
  result.racing = round.decisions;
  const auto alive = ids(cells_alive(result, 3));
  EXPECT_THAT(alive, testing::Contains("spawned-d4-t2-c1-shani-on"));
  EXPECT_EQ(alive.size(), 2U) << "the pick and the fastest";
  EXPECT_EQ(cells_alive(result, 2).size(), 5U);
}

// What follows from the blocks until then is the same when there are later ones: a resumed sweep decides as before.
TEST(RaceRound, DependsOnTheBlocksUntilThenAlone) {
  for (int block = 2; block < 6; ++block) {
    const RaceRound then = race_round(linked(block + 1), block), later = race_round(linked(9), block);
    EXPECT_EQ(then.decisions, later.decisions);
    EXPECT_EQ(then.stopped, later.stopped);
  }
}

TEST(RaceRound, StopsWhenItIsSureAndNotBeforeFiveBlocks) {
  EXPECT_FALSE(race_round(linked(4), 3).stopped);
  const RaceRound round = race_round(linked(5), 4);
  ASSERT_TRUE(round.stopped);
  EXPECT_EQ(round.decisions.back().decision, "stopped");
  EXPECT_EQ(round.decisions.back().cell_id, round.pick_id);
  EXPECT_THAT(round.decisions.back().reason, HasSubstr("100 % of the time; 5 blocks show differences of"));
  EXPECT_FALSE(race_round(linked(5), 4, false).stopped) << "a fixed number of blocks";
}

TEST(RaceRound, KeepsCellsThatFindTheirSettingAndDropsThoseThatCannotBeChosen) {
  const SweepResult result = sample::result(
      sample::scenario(R"("strategy": ["pipelined"], "depth": [1, 4, 64, "auto"], "threads": [2])"), 3,
      [](const Cell& cell, int block) { return cell.depth == 1 ? 0 : rate(cell, block); });
  const RaceRound round = race_round(result, 2);
  EXPECT_EQ(decision_of(round, "pipelined-dauto-t2-c1-shani-on"), "");
  EXPECT_THAT(decision_of(round, "pipelined-d64-t2-c1-shani-on"),
              HasSubstr("dropped: its 512 MiB of buffers exceed"));
  EXPECT_THAT(decision_of(round, "pipelined-d1-t2-c1-shani-on"),
              HasSubstr("dropped: none of its trials was valid"));
}

TEST(RaceRound, WithoutAValidTrialNothingIsSaid) {
  const SweepResult result =
      sample::result(sample::scenario(R"("strategy": ["spawned"], "depth": [1, 4], "threads": [2])"), 3,
                     [](const Cell&, int) { return 0; });
  EXPECT_FALSE(race_round(result, 2).stopped);
}

// A raced result is read back, and its dropped cells are explained, counted for N*, and neither best nor pick.
TEST(RacedResult, IsRecommendedFromLikeAnyOther) {
  SweepResult result = linked(3);
  result.racing = race_round(result, 2).decisions;
  SweepResult more = linked(6);
  std::erase_if(more.trials, [&](const Trial& trial) {
    const auto alive = ids(cells_alive(result, trial.block));
    return std::find(alive.begin(), alive.end(), trial.cell_id) == alive.end();
  });
  more.racing = result.racing;
  const auto text = to_json(more);
  ASSERT_TRUE(text);
  const auto read = from_json(*text, "raced.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->racing, more.racing);

  const auto recommendation = recommend(*read);
  ASSERT_TRUE(recommendation) << recommendation.error().message;
  EXPECT_EQ(recommendation->headline.cell.depth, 4);
  ASSERT_TRUE(recommendation->headline.n_star);
  EXPECT_NEAR(*recommendation->headline.n_star, 4, 0.1);
  bool explained = false;
  for (const RejectedCell& rejected : recommendation->headline.rejected)
    explained = explained || (rejected.cell.depth == 2 &&
                              rejected.reason.starts_with("dropped by the race after 3 blocks: 50 %"));
  EXPECT_TRUE(explained);
  EXPECT_THAT(recommendation->warnings, testing::Contains(HasSubstr("The race dropped 3 of 5 cells")));
}

// What the race dropped for its memory alone is still what a larger budget would choose.
TEST(RacedResult, SaysWhatALargerBudgetWouldChoose) {
  const auto raced = [](int blocks) {
    return sample::result(
        sample::scenario(R"("strategy": ["spawned"], "depth": [8, 16, 32, 64], "threads": [4])"), blocks,
        [](const Cell& cell, int block) { return cell.depth * 20.0 * (1 + 0.002 * ((block * 7) % 5)); });
  };
  SweepResult result = raced(3);
  result.racing = race_round(result, 2).decisions;
  ASSERT_THAT(decision_of({result.racing, false, "", {}, 0, 0}, "spawned-d64-t4-c1-shani-on"),
              HasSubstr("dropped: its 512 MiB of buffers exceed"));
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation) << recommendation.error().message;
  EXPECT_EQ(recommendation->headline.cell.depth, 32);
  EXPECT_THAT(recommendation->headline.would_change,
              testing::Contains(HasSubstr("With a memory budget of 512 MiB: spawned, depth 64, 4 threads")));
}

// Edited by hand so that nothing is left: then all count.
TEST(RacedResult, WithAllDroppedStillGivesAnAnswer) {
  SweepResult result = linked(3);
  for (const Cell& cell : result.cells) result.racing.push_back({2, cell.id, "dropped", "by hand"});
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_EQ(recommendation->headline.cell.depth, 4);
}

}  // namespace
}  // namespace depthfinder
