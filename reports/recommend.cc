// SPDX-License-Identifier: MIT
#include "reports/recommend.h"

#include <algorithm>
#include <set>

#include "reports/bystander_cost.h"
#include "reports/field.h"
#include "reports/limit.h"
#include "reports/point_rule.h"
#include "reports/reasons.h"
#include "reports/warnings.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

constexpr std::string_view kMeasureAgain =
    "Measure again with fewer threads or cells, on a quieter host or one with more cores, or at a lower "
    "rate.";

// The next budget, doubled each time, under which another cell would be chosen; nothing where none would.
std::optional<std::string> change_of_budget(const SweepResult& result, std::span<const CellSummary> summaries,
                                            const Field& field, const CpuState& state,
                                            std::string_view strategy) {
  std::uint64_t most = 0;
  for (const CellSummary* cell : field.over_budget) most = std::max(most, buffer_bytes(cell->cell));
  const CellSummary& pick = *field.summaries[field.choice.pick];
  for (std::uint64_t budget = field.budget_bytes; budget < most;) {
    budget *= 2;
    const Field larger = make_field(result, summaries, state, strategy, budget);
    const CellSummary& other = *larger.summaries[larger.choice.pick];
    if (other.cell == pick.cell) continue;
    return fmt::format("With a memory budget of {}: {}, {} MiB/s instead of {}.",
                       mib(static_cast<double>(budget)), cell_words(other.cell),
                       number(other.throughput_mib_per_s(), 0), number(pick.throughput_mib_per_s(), 0));
  }
  return std::nullopt;
}

// The field with what a larger budget would make of it.
Field choose_among(const SweepResult& result, std::span<const CellSummary> summaries, const CpuState& state,
                   std::string_view strategy = {}) {
  Field field = make_field(result, summaries, state, strategy);
  if (!field.summaries.empty())
    field.larger_budget = change_of_budget(result, summaries, field, state, strategy);
  return field;
}

// Little's law: the chunks in flight at the best rate, each taking as long as one alone does.
std::optional<double> n_star(const Field& field) {
  const CellSummary& best = *field.summaries[field.choice.best];
  for (const CellSummary* other : field.summaries) {
    const Cell& cell = other->cell;
    if (cell.depth == 1 && (same_but_depth(cell, best.cell) || cell.strategy == "sequential"))
      return best.throughput_mib_per_s() / other->throughput_mib_per_s();
  }
  return std::nullopt;
}

// The pick's own limit; where nothing of it is used up, that of the fastest cell, which it nearly equals. A
// fastest cell that the mock held back says that of the choice too, since that was made against it.
Limit limit_of(const SweepResult& result, std::span<const CellSummary> summaries, const Field& field) {
  Limit own = find_limit(result, summaries, *field.summaries[field.choice.pick]);
  if (own.kind == "mock" || field.choice.pick == field.choice.best) return own;
  Limit best = find_limit(result, summaries, *field.summaries[field.choice.best]);
  if (best.kind != "mock" && (own.kind != "unknown" || best.kind == "unknown")) return own;
  best.text += fmt::format(" (seen at the fastest cell, {}, which this one nearly equals)",
                           cell_words(field.summaries[field.choice.best]->cell));
  return best;
}

Pick make_pick(const SweepResult& result, std::span<const CellSummary> summaries, const Field& field) {
  const CellSummary& chosen = *field.summaries[field.choice.pick];
  const CellSummary& best = *field.summaries[field.choice.best];
  Pick pick;
  pick.cell = chosen.cell;
  pick.throughput_mib_per_s = chosen.throughput_mib_per_s();
  pick.share_of_best = field.choice.share_of_best[field.choice.pick];
  pick.cpu_s_per_gib = chosen.cpu_s_per_gib();
  pick.best = best.cell;
  pick.best_throughput_mib_per_s = best.throughput_mib_per_s();
  pick.confidence = field.choice.confidence;
  if (field.choice.certified) pick.certified = field.summaries[*field.choice.certified]->cell;
  pick.bystander_p50 = bystander_ratio(chosen, BystanderPercentile::p50);
  pick.bystander_p99 = bystander_ratio(chosen, BystanderPercentile::p99);
  pick.bystander_p999 = bystander_ratio(chosen, BystanderPercentile::p999);
  pick.n_star = n_star(field);
  pick.limit = limit_of(result, summaries, field);
  pick.reason = why_picked(field, pick.limit);
  pick.rejected = why_others_lost(field);
  pick.would_change = what_would_change(field, pick.limit, result.scenario.server);
  return pick;
}

std::string no_candidate_text(const SweepResult& result, const Field& field) {
  std::string text =
      fmt::format("scenario {}: no cell both fits the memory budget of {} and is valid in half of the blocks",
                  result.scenario.name, mib(static_cast<double>(field.budget_bytes)));
  if (!field.over_bystander_budget.empty()) {
    const auto& [cell, reason] = field.over_bystander_budget.front();
    text = fmt::format("scenario {}: no cell keeps to the budgets; {} does not since {}",
                       result.scenario.name, cell_words(cell->cell), reason);
  }
  return text;
}

// The choices among cells of other states than the host's own, which stand for other hosts.
void choose_for_other_cpus(const SweepResult& result, std::span<const CellSummary> summaries, CpuState own,
                           Recommendation& recommendation) {
  for (const CpuState state : states_of(summaries)) {
    if (state == own) continue;
    const Field field = choose_among(result, summaries, state);
    if (field.summaries.empty()) continue;
    Pick pick = make_pick(result, summaries, field);
    if (state.vectors == own.vectors)
      recommendation.other_sha_ni = std::move(pick);
    else
      recommendation.other_cpus.push_back(std::move(pick));
  }
}

// By the cells given, all of a fixed setting and not none; without the warnings.
Result<Recommendation> choose(const SweepResult& result, std::span<const CellSummary> summaries) {
  const CpuState own = *states_of(summaries).begin();
  const Field field = choose_among(result, summaries, own);
  if (field.summaries.empty()) return fail(ErrorKind::bad_input, "{}", no_candidate_text(result, field));
  Recommendation recommendation;
  recommendation.scenario = result.scenario.name;
  recommendation.bystander_budget = result.scenario.bystander_budget;
  recommendation.headline = make_pick(result, summaries, field);
  if (recommendation.headline.cell.strategy != kShippedStrategy) {
    const Field shipped = choose_among(result, summaries, own, kShippedStrategy);
    if (!shipped.summaries.empty()) recommendation.shipped = make_pick(result, summaries, shipped);
  }
  choose_for_other_cpus(result, summaries, own, recommendation);
  return recommendation;
}

// What the verdict would rest on if every cell counted, as far as that was off target.
std::vector<std::string> off_target_reasons(const SweepResult& result, std::span<const CellSummary> all) {
  const auto as_if = choose(result, all);
  if (!as_if) return {};
  std::vector<std::pair<std::string_view, const Cell*>> roles = {{"the pick", &as_if->headline.cell},
                                                                 {"the fastest cell", &as_if->headline.best}};
  if (as_if->shipped) roles.emplace_back("the pick of the shipped strategy", &as_if->shipped->cell);
  std::vector<std::string> reasons;
  for (const auto& [role, cell] : roles) {
    const auto of_cell = [id = cell->id](const CellSummary& summary) { return summary.cell.id == id; };
    const CellAudit& audit = std::find_if(all.begin(), all.end(), of_cell)->audit;
    if (!audit.on_target())
      reasons.push_back(fmt::format("{} would be {}: {}", role, cell_words(*cell), audit.reason()));
  }
  return reasons;
}

Result<Recommendation> refuse_without_cells(const SweepResult& result, std::span<const CellSummary> all) {
  if (!all.empty() && fixed_cells({all.begin(), all.end()}).empty())
    return fail(
        ErrorKind::bad_input,
        "scenario {}: every cell that counts finds its own setting, so there is no fixed one to recommend; "
        "give axes.depth and axes.threads numbers too",
        result.scenario.name);
  if (!all.empty())
    return fail(
        ErrorKind::bad_input,
        "scenario {}: the mock server was off target in every cell, so nothing can be recommended; the "
        "first, {}: {}. {}",
        result.scenario.name, cell_words(all.front().cell), all.front().audit.reason(), kMeasureAgain);
  return fail(ErrorKind::bad_input,
              "scenario {}: no trial of this result is valid, so nothing can be recommended; {}",
              result.scenario.name,
              result.trials.empty() ? "it has no trials" : "the reasons are in its trials");
}

}  // namespace

Result<Recommendation> recommend(const SweepResult& result) {
  const auto all = summarise_all_cells(result);
  const auto on_target = summarise_cells(result);
  const auto candidates = fixed_cells(on_target);
  if (candidates.empty()) return refuse_without_cells(result, all);
  DF_ASSIGN(Recommendation recommendation, choose(result, candidates));
  recommendation.automatic = summarise_auto(result, on_target);
  if (const auto fixed = fixed_cells(all); fixed.size() > candidates.size())
    recommendation.off_target_reasons = off_target_reasons(result, fixed);
  recommendation.warnings = make_warnings(result, all);
  return recommendation;
}

std::string distrust_line(const Recommendation& recommendation) {
  if (!recommendation.rests_on_off_target()) return {};
  return fmt::format(
      "Not to be trusted: the mock server was off target where the verdict rests ({}). What is recommended "
      "is the "
      "best of the cells on target. {}",
      fmt::join(recommendation.off_target_reasons, "; "), kMeasureAgain);
}

std::string setting_line(const Recommendation& recommendation) {
  const Cell& cell = recommendation.shipped ? recommendation.shipped->cell : recommendation.headline.cell;
  return fmt::format("PBS_RESTORE_FETCH_CONCURRENCY={} PBS_RESTORE_MAX_THREADS={}", cell.depth,
                     decode_threads(cell));
}

}  // namespace depthfinder
