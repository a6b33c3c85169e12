// SPDX-License-Identifier: MIT
#include "reports/race_round.h"

#include <algorithm>
#include <map>
#include <set>

#include "reports/auto_depth.h"
#include "reports/field.h"
#include "reports/power.h"
#include "reports/racing.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

// Resamples of three or four blocks are too coarse: a sweep does not end by its confidence before. Of fewer than eight
// they are kinder than more blocks would be, so that more is asked for.
constexpr int kBlocksToTrust = 5;
constexpr double kConfidenceEarly = 0.90;

// The result as it was when `block` had ended.
SweepResult as_of(const SweepResult& result, int block) {
  SweepResult then = result;
  std::erase_if(then.trials, [block](const Trial& trial) { return trial.block > block; });
  std::erase_if(then.racing, [block](const RacingDecision& decision) { return decision.block >= block; });
  return then;
}

struct Contest {
  Field field;
  RaceStandings standings;
};

void add_contest(std::vector<Contest>& contests, Field field) {
  if (field.summaries.empty() || field.rule_cells.front().log_throughput.size() < 2) return;
  RaceStandings standings = race_standings(field.rule_cells, field.choice);
  contests.push_back({std::move(field), std::move(standings)});
}

// Every choice that recommend() makes among these cells; the host's own state comes first.
void add_contests(std::vector<Contest>& contests, const SweepResult& result,
                  std::span<const CellSummary> summaries) {
  const std::set<CpuState> states = states_of(summaries);
  for (const CpuState& state : states) {
    const std::size_t before = contests.size();
    add_contest(contests, make_field(result, summaries, state));
    if (contests.size() == before || state != *states.begin()) continue;
    const Field& field = contests.back().field;
    if (field.summaries[field.choice.pick]->cell.strategy != kShippedStrategy)
      add_contest(contests, make_field(result, summaries, state, kShippedStrategy));
  }
}

std::string drop_reason(const Contest& contest, std::size_t i) {
  const CellStanding& cell = contest.standings.cells[i];
  if (cell.standing == Standing::hopeless)
    return fmt::format("{} of the fastest cell's rate, {} at most; the rule asks for {}", percent(cell.share),
                       percent(cell.share_high), percent(1 - kToleratedLoss));
  const Cell& pick = contest.field.summaries[contest.field.choice.pick]->cell;
  const Cell& own = contest.field.summaries[i]->cell;
  const std::string cost =
      buffer_bytes(own) > buffer_bytes(pick)
          ? fmt::format("needs {} of buffers instead of {}", buffer_words(own), buffer_words(pick))
          : "takes more CPU time or threads";
  return fmt::format("{}, and {} is certainly within {} of it", cost, cell_words(pick),
                     percent(kToleratedLoss));
}

std::string undecided_reason(const CellStanding& cell) {
  return fmt::format("{} of the fastest cell's rate, {} to {}: more blocks are to decide",
                     percent(cell.share), percent(cell.share_low), percent(cell.share_high));
}

// Where one cell stands over all contests it is in.
struct Verdict {
  bool in_contest = false, runs_on = false, is_open = false;
  std::string drop_reason, undecided_reason;
};

std::map<std::string, Verdict> verdicts_of(const std::vector<Contest>& contests) {
  std::map<std::string, Verdict> verdicts;
  for (const Contest& contest : contests)
    for (std::size_t i = 0; i < contest.field.summaries.size(); ++i) {
      Verdict& verdict = verdicts[contest.field.summaries[i]->cell.id];
      verdict.in_contest = true;
      const bool leads = i == contest.field.choice.pick || i == contest.field.choice.best;
      const CellStanding& cell = contest.standings.cells[i];
      if (leads || cell.standing == Standing::contender) {
        verdict.runs_on = true;
        if (leads) continue;
        verdict.is_open = true;
        verdict.undecided_reason = undecided_reason(cell);
      } else {
        verdict.drop_reason = drop_reason(contest, i);
      }
    }
  return verdicts;
}

// Why a cell that is in no contest need not run; nothing where it is to run on.
std::optional<std::string> reason_outside(const SweepResult& result, std::span<const CellSummary> all,
                                          const Cell& cell) {
  if (is_adaptive(cell)) return std::nullopt;
  if (buffer_bytes(cell) > result.scenario.memory_budget_bytes)
    return fmt::format("its {} of buffers exceed the memory budget, so that it cannot be chosen",
                       buffer_words(cell));
  const bool ever_valid = std::any_of(all.begin(), all.end(),
                                      [&](const CellSummary& summary) { return summary.cell.id == cell.id; });
  if (!ever_valid) return "none of its trials was valid";
  return std::nullopt;
}

bool was_undecided(const SweepResult& result, const Cell& cell) {
  return std::any_of(result.racing.begin(), result.racing.end(), [&](const RacingDecision& decision) {
    return decision.cell_id == cell.id && decision.decision == "undecided";
  });
}

void decide_cells(const SweepResult& result, int block, std::span<const CellSummary> all,
                  const std::vector<Contest>& contests, RaceRound& round) {
  const std::map<std::string, Verdict> verdicts = verdicts_of(contests);
  for (const Cell* cell : cells_alive(result, block)) {
    const auto found = verdicts.find(cell->id);
    if (found == verdicts.end()) {
      if (auto reason = reason_outside(result, all, *cell))
        round.decisions.push_back({block, cell->id, "dropped", std::move(*reason)});
    } else if (!found->second.runs_on) {
      round.decisions.push_back({block, cell->id, "dropped", found->second.drop_reason});
    } else if (found->second.is_open && !was_undecided(result, *cell)) {
      round.decisions.push_back({block, cell->id, "undecided", found->second.undecided_reason});
    }
  }
}

void sum_up(const std::vector<Contest>& contests, RaceRound& round) {
  const Field& own = contests.front().field;
  round.pick_id = own.summaries[own.choice.pick]->cell.id;
  for (const Contest& contest : contests) {
    round.blocks_needed = std::max(round.blocks_needed, contest.standings.blocks_needed);
    round.detectable_effect = std::max(round.detectable_effect, contest.standings.detectable_effect);
    if (const auto confidence = contest.field.choice.confidence)
      round.confidence = std::min(round.confidence.value_or(1), *confidence);
  }
}

// Confident, or the blocks made show all that was asked for.
std::optional<std::string> reason_to_stop(const RaceRound& round, int blocks) {
  const std::string shown = fmt::format("{} show differences of {} and more", counted(blocks, "block"),
                                        percent(round.detectable_effect));
  const double wanted = blocks < kPoweredBlocksMin ? kConfidenceEarly : kConfidenceWanted;
  if (blocks >= kBlocksToTrust && round.confidence && *round.confidence >= wanted)
    return fmt::format("resampling repeats the choice {} of the time; {}", percent(*round.confidence), shown);
  if (blocks >= round.blocks_needed)
    return fmt::format("{}, as was asked for; resampling repeats the choice {} of the time", shown,
                       percent(round.confidence.value_or(0)));
  return std::nullopt;
}

}  // namespace

RaceRound race_round(const SweepResult& result, int block, bool may_stop) {
  RaceRound round;
  if (block + 1 < kPilotBlocks) return round;
  const SweepResult then = as_of(result, block);
  const std::vector<CellSummary> all = fixed_cells(summarise_all_cells(then));
  const std::vector<CellSummary> on_target = fixed_cells(summarise_cells(then));
  std::vector<Contest> contests;
  add_contests(contests, then, on_target);
  const std::size_t on_target_contests = contests.size();
  if (on_target.size() < all.size()) add_contests(contests, then, all);
  decide_cells(then, block, all, contests, round);
  if (on_target_contests > 0)
    contests.erase(contests.begin() + static_cast<std::ptrdiff_t>(on_target_contests), contests.end());
  if (contests.empty()) return round;
  sum_up(contests, round);
  if (!may_stop) return round;
  if (auto reason = reason_to_stop(round, block + 1)) {
    round.stopped = true;
    round.decisions.push_back({block, round.pick_id, "stopped", std::move(*reason)});
  }
  return round;
}

std::vector<const Cell*> cells_alive(const SweepResult& result, int block) {
  std::set<std::string> dropped;
  for (const RacingDecision& decision : result.racing)
    if (decision.decision == "dropped" && decision.block < block) dropped.insert(decision.cell_id);
  std::vector<const Cell*> alive;
  for (const Cell& cell : result.cells)
    if (!dropped.contains(cell.id)) alive.push_back(&cell);
  return alive;
}

}  // namespace depthfinder
