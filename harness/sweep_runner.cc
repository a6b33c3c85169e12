// SPDX-License-Identifier: MIT
#include "harness/sweep_runner.h"

#include <algorithm>

#include "harness/host_profile.h"
#include "harness/mock_process.h"
#include "harness/result_file.h"
#include "harness/run_key.h"
#include "harness/schedule.h"
#include "harness/sweep_begin.h"
#include "harness/sweep_estimate.h"
#include "harness/temporary_directory.h"
#include "harness/trial_runner.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

using Cells = std::vector<const Cell*>;

class SweepRun {
 public:
  SweepRun(const SweepOptions& options, const SweepObserver& observer, const std::stop_token& stop)
      : options_(options), observer_(observer), stop_(stop), file_(options.directory / "result.json") {}

  Result<SweepOutcome> run() {
    DF_ASSIGN(result_, begin_result(options_, file_));
    if (result_.cells.empty())
      return fail(ErrorKind::bad_input, "scenario {} has no cell that this host can run (it has no SHA-NI)",
                  result_.scenario.name);
    DF_ASSIGN(const TemporaryDirectory directory, TemporaryDirectory::make());
    directory_ = directory.path();
    if (!options_.real_server) {
      DF_ASSIGN(keyfile_, run_key_file(result_.scenario, directory_));
    }
    DF_TRY(run_blocks());
    result_.complete = true;
    DF_TRY(write_result_file(file_, result_));
    return SweepOutcome{std::move(result_), end_};
  }

 private:
  Result<void> run_blocks() {
    for (int block = 0;; ++block) {
      const Cells cells = cells_alive(result_, block);
      if (const auto end = reason_to_end(block, cells)) return end_with(*end, block);
      result_.blocks_planned = std::max(result_.blocks_planned, block + 1);
      DF_ASSIGN(const bool whole, run_block(block, cells));
      if (!whole) return end_with(SweepEnd::bytes, block + 1);
      if (race(block)) return end_with(SweepEnd::decided, block + 1);
    }
  }

  Result<void> end_with(SweepEnd end, int blocks) {
    end_ = end;
    result_.blocks_planned = std::max(blocks, 1);
    const char* reason = end == SweepEnd::trials  ? "as many trials as the full grid would have made"
                         : end == SweepEnd::time  ? "the time budget is used up"
                         : end == SweepEnd::bytes ? "the limit on bytes read is reached"
                                                  : nullptr;
    if (reason != nullptr && !round_.pick_id.empty())
      result_.racing.push_back({blocks - 1, round_.pick_id, "stopped", reason});
    return {};
  }

  [[nodiscard]] Nanoseconds elapsed() const { return clock_.now() - started_; }
  [[nodiscard]] bool is_open_race() const { return options_.racing && !options_.blocks_fixed; }
  [[nodiscard]] std::size_t trials_max() const {
    return result_.cells.size() * static_cast<std::size_t>(options_.blocks);
  }

  [[nodiscard]] std::optional<SweepEnd> reason_to_end(int block, const Cells& cells) const {
    if (is_open_race()) {
      if (trials_scheduled_ + cells.size() > trials_max() && block > 0) return SweepEnd::trials;
    } else if (block >= options_.blocks) {
      return SweepEnd::all_blocks;
    }
    const auto expected = times_.block_of(cells);
    if (options_.time_budget && expected && elapsed() + *expected > *options_.time_budget)
      return SweepEnd::time;
    return std::nullopt;
  }

  // After a block; true when none is to follow.
  bool race(int block) {
    if (options_.racing) {
      round_ = race_round(result_, block, is_open_race());
      result_.racing.insert(result_.racing.end(), round_.decisions.begin(), round_.decisions.end());
    }
    SweepProgress progress = progress_at(SweepMoment::block_ends, block);
    if (options_.racing && !round_.pick_id.empty()) progress.round = &round_;
    observer_(progress);
    return round_.stopped;
  }

  [[nodiscard]] SweepProgress progress_at(SweepMoment moment, int block) const {
    SweepProgress progress;
    progress.moment = moment;
    progress.block = block;
    const Cells cells = cells_alive(result_, moment == SweepMoment::block_ends ? block + 1 : block);
    progress.cells_alive = cells.size();
    progress.trials_done = trials_done();
    progress.trials_max = trials_max();
    progress.elapsed = elapsed();
    progress.left_most = left_most(cells);
    progress.result = &result_;
    return progress;
  }

  // Every trial left at the mean of the cells that are, but no longer than the time budget.
  [[nodiscard]] std::optional<Nanoseconds> left_most(const Cells& cells) const {
    const auto block = times_.block_of(cells);
    if (!block) return std::nullopt;
    const double blocks_left = static_cast<double>(trials_max() - std::min(trials_max(), trials_done())) /
                               static_cast<double>(cells.size());
    Nanoseconds left = from_seconds(to_seconds(*block) * blocks_left);
    if (options_.time_budget)
      left = std::min(left, std::max(Nanoseconds(0), *options_.time_budget - elapsed()));
    return left;
  }

  // A trial that was interrupted is kept, for what it has read, and made again.
  static bool counts(const Trial& trial) { return trial.outcome != TrialOutcome::cancelled; }

  [[nodiscard]] std::size_t trials_done() const {
    return static_cast<std::size_t>(std::count_if(result_.trials.begin(), result_.trials.end(), counts));
  }

  [[nodiscard]] bool is_done(int block, const std::string& cell_id) const {
    return std::any_of(result_.trials.begin(), result_.trials.end(), [&](const Trial& trial) {
      return counts(trial) && trial.block == block && trial.cell_id == cell_id;
    });
  }

  [[nodiscard]] bool has_valid_trial(const std::string& cell_id) const {
    return std::any_of(result_.trials.begin(), result_.trials.end(), [&](const Trial& trial) {
      return trial.outcome == TrialOutcome::ok && trial.cell_id == cell_id;
    });
  }

  // The order that a resumed sweep had must be the one that follows from its trials.
  Result<void> record_order(int block, const Cells& order) {
    std::vector<std::string> ids;
    for (const Cell* cell : order) ids.push_back(cell->id);
    const auto index = static_cast<std::size_t>(block);
    if (index >= result_.block_orders.size()) {
      result_.block_orders.push_back(std::move(ids));
    } else if (result_.block_orders[index] != ids) {
      return fail(ErrorKind::bad_input,
                  "cannot resume {}: the order of its block {} is not the one that follows from its trials; "
                  "was it made with or without --no-racing?",
                  file_.string(), block + 1);
    }
    return {};
  }

  // True when every cell ran; false when the limit on bytes came first.
  Result<bool> run_block(int block, const Cells& cells) {
    const Cells order = block_order(result_.seed, block, result_.cells, cells);
    DF_TRY(record_order(block, order));
    trials_scheduled_ += order.size();
    if (std::all_of(order.begin(), order.end(), [&](const Cell* cell) { return is_done(block, cell->id); }))
      return true;
    observer_(progress_at(SweepMoment::block_begins, block));
    const TimePoint began = clock_.now();
    std::optional<MockProcess> mock;
    if (!options_.real_server) {
      // Every block draws anew what is random in the server; 53 bits are what JSON carries.
      const std::uint64_t server_seed = mix_seed(result_.scenario.server.seed, result_.seed, block) >> 11;
      DF_ASSIGN(MockProcess started,
                MockProcess::start(result_.scenario, server_seed, directory_, keyfile_, stop_));
      mock.emplace(std::move(started));
    }
    times_.add_block_overhead(clock_.now() - began);
    for (std::size_t position = 0; position < order.size(); ++position) {
      const Cell& cell = *order[position];
      if (is_done(block, cell.id)) continue;
      if (!may_read_on()) return false;
      DF_TRY(run_cell(block, static_cast<int>(position), cell, mock));
    }
    if (mock) DF_TRY(mock->stop());
    DF_TRY(check_block(block));
    return true;
  }

  Result<void> run_cell(int block, int position, const Cell& cell, std::optional<MockProcess>& mock) {
    const TimePoint began = clock_.now();
    const Timeline timeline = has_valid_trial(cell.id) ? Timeline::left_out : Timeline::kept;
    Trial trial = mock ? run_trial(cell, result_.scenario, *mock, keyfile_, timeline, stop_)
                       : run_real_trial(cell, result_.scenario, *options_.real_server, stop_);
    trial.block = block;
    trial.position = position;
    times_.add_trial(cell.id, clock_.now() - began);
    result_.trials.push_back(std::move(trial));
    DF_TRY(write_result_file(file_, result_));
    if (stop_.stop_requested())
      return fail(ErrorKind::cancelled, "interrupted; {} trials are in {}, go on with --resume",
                  trials_done(), file_.string());
    SweepProgress progress = progress_at(SweepMoment::trial_ends, block);
    progress.last = &result_.trials.back();
    progress.cell = &cell;
    observer_(progress);
    return {};
  }

  // The next trial is expected to read as much as the greediest so far; a failed or interrupted one is counted likewise.
  [[nodiscard]] bool may_read_on() const {
    if (!options_.bytes_limit || !options_.real_server) return true;
    std::uint64_t greediest = 0, read = 0, unknown = 0;
    for (const Trial& trial : result_.trials) {
      if (!trial.metrics) ++unknown;
      const std::uint64_t bytes = trial.metrics ? trial.metrics->wire_bytes : 0;
      greediest = std::max(greediest, bytes);
      read += bytes;
    }
    if (greediest == 0) greediest = options_.real_server->trial_bytes_max;
    return read + (unknown + 1) * greediest <= *options_.bytes_limit;
  }

  // A block without one valid trial will not be followed by a better one.
  [[nodiscard]] Result<void> check_block(int block) const {
    const Trial* last = nullptr;
    for (const Trial& trial : result_.trials) {
      if (trial.block != block) continue;
      if (trial.outcome == TrialOutcome::ok) return {};
      last = &trial;
    }
    return fail(ErrorKind::io, "no trial of block {} was valid; the last one: {}", block + 1,
                last == nullptr ? "none ran" : last->reason);
  }

  const SweepOptions& options_;
  const SweepObserver& observer_;
  const std::stop_token& stop_;
  const std::filesystem::path file_;
  std::filesystem::path directory_, keyfile_;
  SteadyClock clock_;
  TimePoint started_ = clock_.now();
  SweepResult result_;
  TrialTimes times_;
  RaceRound round_;
  SweepEnd end_ = SweepEnd::all_blocks;
  std::size_t trials_scheduled_ = 0;  // of the blocks so far, those of a resumed sweep included
};

}  // namespace

std::vector<Cell> runnable_cells(const Scenario& scenario, const HostInfo& host) {
  std::vector<Cell> cells = expand_cells(scenario);
  if (!host_has_sha_ni(host)) std::erase_if(cells, [](const Cell& cell) { return cell.sha_ni == ShaNi::on; });
  return cells;
}

Result<SweepOutcome> run_sweep(const SweepOptions& options, const SweepObserver& observer,
                               const std::stop_token& stop) {
  return SweepRun(options, observer, stop).run();
}

}  // namespace depthfinder
