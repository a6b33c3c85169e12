// SPDX-License-Identifier: MIT
#include "reports/result_check.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace depthfinder {
namespace {

using Ids = std::set<std::string>;

Result<Ids> cell_ids(const SweepResult& result, std::string_view where) {
  Ids ids;
  for (const Cell& cell : result.cells) {
    if (!ids.insert(cell.id).second)
      return fail(ErrorKind::bad_input, "{}: the cell \"{}\" is listed twice", where, cell.id);
    if (has_decode_workers(cell.strategy) && cell.threads == 0)
      return fail(ErrorKind::bad_input, "{}: the cell \"{}\" has no threads", where, cell.id);
    if (is_adaptive(cell) && !is_pipelined(cell.strategy))
      return fail(ErrorKind::bad_input,
                  "{}: the cell \"{}\" finds its own setting, which only \"pipelined\" does", where, cell.id);
  }
  return ids;
}

Result<void> check_zeros(const TrialMetrics& metrics, std::string_view place) {
  if (metrics.zero_bytes <= metrics.logical_bytes) return {};
  return fail(ErrorKind::bad_input, "{} has more zero_bytes than logical_bytes", place);
}

Result<void> check_trial_metrics(const Trial& trial, std::string_view place) {
  const bool ok = trial.outcome == TrialOutcome::ok;
  if (!trial.metrics) {
    if (ok) return fail(ErrorKind::bad_input, "{} is ok, but has no metrics", place);
    return {};
  }
  return ok ? check_metrics(*trial.metrics, place) : check_zeros(*trial.metrics, place);
}

// Of a mock's valid trial, by arrival, and each in the order in which things happen.
Result<void> check_timeline(const SweepResult& result, const Trial& trial, std::string_view place) {
  if (!trial.timeline) return {};
  if (result.server_kind == ServerKind::real)
    return fail(ErrorKind::bad_input, "{} has a timeline, but no real server tells one", place);
  if (trial.outcome != TrialOutcome::ok)
    return fail(ErrorKind::bad_input, "{} has a timeline, but is not ok", place);
  double arrival_ms = 0;
  for (std::size_t i = 0; i < trial.timeline->size(); ++i) {
    const ChunkTiming& timing = (*trial.timeline)[i];
    const auto out_of_order = [&](std::string_view later, double later_ms, std::string_view earlier,
                                  double earlier_ms) {
      return fail(ErrorKind::bad_input, "{}.timeline.{}: {} is {}, before {}, {}", place, i, later, later_ms,
                  earlier, earlier_ms);
    };
    if (timing.arrival_ms < arrival_ms)
      return out_of_order("arrival_ms", timing.arrival_ms, "that of the request above it", arrival_ms);
    if (timing.ready_ms < timing.arrival_ms)
      return out_of_order("ready_ms", timing.ready_ms, "arrival_ms", timing.arrival_ms);
    if (timing.first_byte_ms < timing.arrival_ms)
      return out_of_order("first_byte_ms", timing.first_byte_ms, "arrival_ms", timing.arrival_ms);
    if (timing.last_byte_ms < timing.first_byte_ms)
      return out_of_order("last_byte_ms", timing.last_byte_ms, "first_byte_ms", timing.first_byte_ms);
    arrival_ms = timing.arrival_ms;
  }
  return {};
}

Result<void> check_trials(const SweepResult& result, const Ids& ids, std::string_view where) {
  std::set<std::pair<int, std::string>> measured;
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const Trial& trial = result.trials[i];
    const std::string place = fmt::format("{}: trials.{}", where, i);
    if (!ids.contains(trial.cell_id))
      return fail(ErrorKind::bad_input, "{} names the cell \"{}\", which is not listed", place,
                  trial.cell_id);
    if (trial.outcome == TrialOutcome::ok && !measured.emplace(trial.block, trial.cell_id).second)
      return fail(ErrorKind::bad_input, "{} measures \"{}\" in block {} a second time", place, trial.cell_id,
                  trial.block);
    DF_TRY(check_trial_metrics(trial, place));
    DF_TRY(check_timeline(result, trial, place));
  }
  return {};
}

Result<void> check_orders(const SweepResult& result, const Ids& ids, std::string_view where) {
  for (std::size_t block = 0; block < result.block_orders.size(); ++block)
    for (const std::string& id : result.block_orders[block])
      if (!ids.contains(id))
        return fail(ErrorKind::bad_input, "{}: block_orders.{} names the cell \"{}\", which is not listed",
                    where, block, id);
  return {};
}

// Each cell is dropped once at most, and runs in no later block.
Result<void> check_racing(const SweepResult& result, const Ids& ids, std::string_view where) {
  std::map<std::string, int> dropped_after;
  for (std::size_t i = 0; i < result.racing.size(); ++i) {
    const RacingDecision& decision = result.racing[i];
    if (!ids.contains(decision.cell_id))
      return fail(ErrorKind::bad_input, "{}: racing.{} names the cell \"{}\", which is not listed", where, i,
                  decision.cell_id);
    if (decision.decision == "dropped" && !dropped_after.emplace(decision.cell_id, decision.block).second)
      return fail(ErrorKind::bad_input, "{}: racing.{} drops the cell \"{}\" a second time", where, i,
                  decision.cell_id);
  }
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const auto dropped = dropped_after.find(result.trials[i].cell_id);
    if (dropped != dropped_after.end() && result.trials[i].block > dropped->second)
      return fail(ErrorKind::bad_input,
                  "{}: trials.{} runs \"{}\" in block {}, but it was dropped after block {}", where, i,
                  result.trials[i].cell_id, result.trials[i].block, dropped->second);
  }
  return {};
}

}  // namespace

Result<void> check_metrics(const TrialMetrics& metrics, std::string_view place) {
  DF_TRY(check_zeros(metrics, place));
  if (metrics.logical_bytes == 0 || metrics.duration_s <= 0 || metrics.throughput_mib_per_s <= 0)
    return fail(ErrorKind::bad_input, "{} is ok, but its bytes, duration or throughput is 0", place);
  // Below these, quotients of what the schema permits are not finite any more.
  constexpr double kDurationMinS = 1e-6, kThroughputMinMibPerS = 1e-6;
  if (metrics.duration_s < kDurationMinS || metrics.throughput_mib_per_s < kThroughputMinMibPerS)
    return fail(ErrorKind::bad_input,
                "{} is ok, but its duration or throughput is below 0.000001, as none is", place);
  return {};
}

Result<void> check_result(const SweepResult& result, std::string_view where) {
  DF_ASSIGN(const Ids ids, cell_ids(result, where));
  DF_TRY(check_trials(result, ids, where));
  DF_TRY(check_orders(result, ids, where));
  return check_racing(result, ids, where);
}

}  // namespace depthfinder
