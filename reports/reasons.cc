// SPDX-License-Identifier: MIT
#include "reports/reasons.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "reports/bystander_cost.h"
#include "reports/limit.h"
#include "reports/words.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

double loss_of(const Field& field, std::size_t i) { return 1 - field.choice.share_of_best[i]; }
bool is_within(const Field& field, std::size_t i) { return loss_of(field, i) <= kToleratedLoss; }
// Why the rule preferred the pick to cell `i`, which is also within the tolerance: the first cost that tells them
// apart.
std::string costlier(const Field& field, std::size_t i) {
  const CellSummary& other = *field.summaries[i];
  const CellSummary& pick = *field.summaries[field.choice.pick];
  if (buffer_bytes(other.cell) > buffer_bytes(pick.cell))
    return fmt::format("needs {} of buffers instead of {}", buffer_words(other.cell),
                       buffer_words(pick.cell));
  if (takes_more_cpu(field.rule_cells[i], field.rule_cells[field.choice.pick], field.choice.cpu_log_sd))
    return fmt::format("takes {} CPU s per GiB instead of {}", number(other.cpu_s_per_gib(), 2),
                       number(pick.cpu_s_per_gib(), 2));
  if (decode_threads(other.cell) > decode_threads(pick.cell))
    return fmt::format("takes {} instead of {}, for CPU time that is not shown to be {} less",
                       counted(decode_threads(other.cell), "decode thread"), decode_threads(pick.cell),
                       percent(kCpuNoise));
  const auto bystander = bystander_ratio(other, BystanderPercentile::p99);
  const auto pick_bystander = bystander_ratio(pick, BystanderPercentile::p99);
  if (bystander && pick_bystander && *bystander > *pick_bystander * (1 + kBystanderNoise))
    return fmt::format("makes the bystander's p99 {} times as long instead of {}", number(*bystander, 2),
                       number(*pick_bystander, 2));
  return "costs as much; of equals the first in the scenario's order is taken";
}

std::string why_lost(const Field& field, std::size_t i) {
  const CellSummary& other = *field.summaries[i];
  if (field.rule_cells[i].dropped)
    return fmt::format("dropped by the race after {}: {}",
                       counted(static_cast<long long>(other.trials.size()), "block"),
                       field.drop_reasons.at(other.cell.id));
  if (!is_within(field, i))
    return fmt::format("{} slower than the fastest cell, more than the {} that are traded for lower cost",
                       percent(loss_of(field, i)), percent(kToleratedLoss));
  const double gain = field.choice.share_of_best[i] / field.choice.share_of_best[field.choice.pick] - 1;
  const std::string speed = std::abs(gain) < 0.005 ? "as fast"
                            : gain > 0             ? "only " + percent(gain) + " faster"
                                                   : percent(-gain) + " slower";
  return speed + ", and " + costlier(field, i);
}

// Next to `center` on one axis: equal but for `value`, and the nearest above or below.
template <typename Value>
void add_neighbours(const Field& field, const Cell& center, Value value, std::vector<std::size_t>& found) {
  std::optional<std::size_t> below, above;
  for (std::size_t i = 0; i < field.summaries.size(); ++i) {
    Cell moved = field.summaries[i]->cell;
    const int at = value(moved), origin = value(center);
    Cell back = center;
    value(back) = at;
    back.id = moved.id;
    if (!(moved == back) || at == origin) continue;
    std::optional<std::size_t>& side = at < origin ? below : above;
    const auto distance = [&](std::size_t j) {
      Cell other = field.summaries[j]->cell;
      return std::abs(value(other) - origin);
    };
    if (!side || distance(i) < distance(*side)) side = i;
  }
  for (const auto& side : {below, above})
    if (side) found.push_back(*side);
}

// Differs in exactly one of what is set beside depth, threads and strategy: writers, buffers, windows and so on.
bool is_variant(const Cell& other, const Cell& pick) {
  Cell moved = other;
  int differences = 0;
  const auto align = [&](auto Cell::*member) {
    if (moved.*member == pick.*member) return;
    moved.*member = pick.*member;
    ++differences;
  };
  align(&Cell::connections);
  align(&Cell::writers);
  align(&Cell::buffers);
  align(&Cell::chunk_cache);
  align(&Cell::http2_window_bytes);
  align(&Cell::http2_frame_bytes);
  moved.id = pick.id;
  return differences == 1 && moved == pick;
}

// The neighbours in depth and threads, the other strategies at the same depth, the variants, and the fastest cell.
std::vector<std::size_t> cells_to_explain(const Field& field) {
  const Cell& pick = field.summaries[field.choice.pick]->cell;
  std::vector<std::size_t> found;
  add_neighbours(
      field, pick, [](auto& cell) -> auto& { return cell.depth; }, found);
  add_neighbours(
      field, pick, [](auto& cell) -> auto& { return cell.threads; }, found);
  for (std::size_t i = 0; i < field.summaries.size(); ++i) {
    const Cell& other = field.summaries[i]->cell;
    const bool same_threads = other.threads == pick.threads || other.threads == 0 || pick.threads == 0;
    const bool other_strategy = other.strategy != pick.strategy && other.depth == pick.depth && same_threads;
    if (other_strategy || is_variant(other, pick)) found.push_back(i);
  }
  if (field.choice.best != field.choice.pick &&
      std::find(found.begin(), found.end(), field.choice.best) == found.end())
    found.push_back(field.choice.best);
  return found;
}

// The fastest cell with less buffer memory than the pick: what a larger tolerance would buy.
std::optional<std::size_t> next_cheaper(const Field& field) {
  const auto pick_bytes = buffer_bytes(field.summaries[field.choice.pick]->cell);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < field.summaries.size(); ++i) {
    if (buffer_bytes(field.summaries[i]->cell) >= pick_bytes) continue;
    if (!found || field.choice.share_of_best[i] > field.choice.share_of_best[*found]) found = i;
  }
  return found;
}

std::string change_of_limit(const Limit& limit, const CellSummary& summary, const ServerSpec& server) {
  const Cell& pick = summary.cell;
  if (limit.kind == "link") return "A faster link: the depth that fills it grows with its rate.";
  if (limit.kind == "mock")
    return "A mock server with time to spare: several connections, each with a thread of its own, or faster "
           "cores.";
  if (limit.kind == "latency")
    return fmt::format("A longer answer time than {}: the depth that hides it grows in proportion.",
                       format_duration(answer_time(summary, server)));
  if (limit.kind == "hash" || limit.kind == "decompress" || limit.kind == "decrypt" || limit.kind == "crc")
    return fmt::format("Cores to spare: more than {} would {} faster.",
                       counted(decode_threads(pick), "decode thread"), limit.kind);
  if (limit.kind == "cpu") return "A server on a host of its own: here it shares the cores with the restore.";
  if (limit.kind == "writer") return "A target that takes data faster, or several writers.";
  if (limit.kind == "transport") return "Several connections, each with a thread of its own.";
  return {};
}

}  // namespace

std::string why_picked(const Field& field, const Limit& limit) {
  const CellSummary& pick = *field.summaries[field.choice.pick];
  const CellSummary& best = *field.summaries[field.choice.best];
  std::string reason;
  if (field.choice.pick == field.choice.best)
    reason = fmt::format("The fastest cell ({} MiB/s), and of those within {} of it the cheapest",
                         number(best.throughput_mib_per_s(), 0), percent(kToleratedLoss));
  else
    reason = fmt::format(
        "{} of the fastest cell's rate ({}: {} MiB/s), and of the cells within {} of it the cheapest",
        percent(field.choice.share_of_best[field.choice.pick]), cell_words(best.cell),
        number(best.throughput_mib_per_s(), 0), percent(kToleratedLoss));
  reason += fmt::format(": {} of buffers, {} CPU s per GiB, {}.", buffer_words(pick.cell),
                        number(pick.cpu_s_per_gib(), 2), counted(decode_threads(pick.cell), "decode thread"));
  if (limit.kind == "link")
    reason += fmt::format(" The link is full: beyond depth {} more depth changes nothing but memory.",
                          pick.cell.depth);
  return reason;
}

std::vector<RejectedCell> why_others_lost(const Field& field) {
  std::vector<RejectedCell> rejected;
  for (const std::size_t i : cells_to_explain(field)) {
    const CellSummary& other = *field.summaries[i];
    rejected.push_back(
        {other.cell, other.throughput_mib_per_s(), field.choice.share_of_best[i], why_lost(field, i)});
  }
  for (const CellSummary* other : field.over_budget)
    rejected.push_back(
        {other->cell, other->throughput_mib_per_s(), 0,
         fmt::format("its {} of buffers exceed the memory budget of {}", buffer_words(other->cell),
                     mib(static_cast<double>(field.budget_bytes)))});
  for (const auto& [other, reason] : field.over_bystander_budget)
    rejected.push_back({other->cell, other->throughput_mib_per_s(), 0, reason});
  for (const CellSummary* other : field.too_few_trials)
    rejected.push_back({other->cell, other->throughput_mib_per_s(), 0,
                        fmt::format("valid in {} only, less than half",
                                    counted(static_cast<long long>(other->trials.size()), "block"))});
  return rejected;
}

std::vector<std::string> what_would_change(const Field& field, const Limit& limit, const ServerSpec& server) {
  const Cell& pick = field.summaries[field.choice.pick]->cell;
  std::vector<std::string> changes;
  if (field.choice.confidence && *field.choice.confidence < kConfidenceWanted)
    changes.push_back(
        fmt::format("More blocks: resampling those at hand repeats the choice only {} of the time.",
                    percent(*field.choice.confidence)));
  if (std::string change = change_of_limit(limit, *field.summaries[field.choice.pick], server);
      !change.empty())
    changes.push_back(std::move(change));
  if (const auto cheaper = next_cheaper(field))
    changes.push_back(fmt::format("Accepting a loss of {} instead of {}: {} would do, with {} of buffers.",
                                  percent(loss_of(field, *cheaper)), percent(kToleratedLoss),
                                  cell_words(field.summaries[*cheaper]->cell),
                                  buffer_words(field.summaries[*cheaper]->cell)));
  if (field.choice.pick != field.choice.best)
    changes.push_back(fmt::format("Accepting no loss at all: {} is {} faster.",
                                  cell_words(field.summaries[field.choice.best]->cell),
                                  percent(1 / field.choice.share_of_best[field.choice.pick] - 1)));
  if (field.larger_budget) changes.push_back(*field.larger_budget);
  changes.push_back(fmt::format("A memory budget below {}.", buffer_words(pick)));
  return changes;
}

}  // namespace depthfinder
