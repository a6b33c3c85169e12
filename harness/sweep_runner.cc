// SPDX-License-Identifier: MIT
#include "harness/sweep_runner.h"

#include <algorithm>
#include <cmath>

#include "harness/host_profile.h"
#include "harness/mock_process.h"
#include "harness/result_file.h"
#include "harness/run_key.h"
#include "harness/schedule.h"
#include "harness/temporary_directory.h"
#include "harness/trial_runner.h"
#include "harness/version.h"
#include "restore_core/base/random.h"
#include "restore_core/format/snapshot_name.h"
#include "restore_core/hash/sha256.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr double kTrialOverheadS = 0.08;                // process start, connection, manifest
constexpr double kBlockOverheadS = 0.6;                 // the mock makes its image
constexpr double kBystanderAloneS = 1;                  // it is measured alone before each restore
constexpr int kDepthOfAuto = 8;                         // a guess, on its way up from 2
constexpr double kRestoreBytesPerS = 600.0 * 0x1.0p20;  // a modest host

std::string now_utc() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return format_utc(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

SweepResult new_result(const SweepOptions& options) {
  SweepResult result;
  result.tool = tool_info();
  result.host = host_info();
  result.scenario = options.scenario;
  result.scenario_sha256 = to_hex(sha256(as_bytes(scenario_json(options.scenario))));
  result.seed = options.seed;
  result.started_at_utc = now_utc();
  result.blocks_planned = options.blocks;
  result.cells = runnable_cells(options.scenario, result.host);
  return result;
}

// Goes on with what is there, if it is the same experiment.
Result<SweepResult> resumed_result(const SweepOptions& options, const std::filesystem::path& file) {
  DF_ASSIGN(SweepResult stored, read_result_file(file));
  const SweepResult fresh = new_result(options);
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorKind::bad_input, "cannot resume {}: it was made {}; leave --resume out to start anew",
                file.string(), what);
  };
  if (stored.scenario_sha256 != fresh.scenario_sha256) return refuse("from another scenario");
  if (stored.seed != fresh.seed) return refuse("with another seed");
  if (stored.host.cpu_model != fresh.host.cpu_model || stored.cells != fresh.cells)
    return refuse("on another host");
  if (stored.tool.version != fresh.tool.version) return refuse("by another version");
  stored.blocks_planned = std::max(options.blocks, static_cast<int>(stored.block_orders.size()));
  stored.complete = false;
  // A trial that was interrupted says nothing and is made again.
  std::erase_if(stored.trials, [](const Trial& trial) { return trial.outcome == TrialOutcome::cancelled; });
  return stored;
}

// Nothing that was measured is lost: the result of an earlier sweep is kept beside the new one.
Result<SweepResult> begin_result(const SweepOptions& options, const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) return pass_on(errno_error("create", options.directory, error.value()));
  if (options.resume) return resumed_result(options, file);
  if (std::filesystem::exists(file)) {
    std::filesystem::rename(file, options.directory / "result.previous.json", error);
    if (error) return pass_on(errno_error("rename", file, error.value()));
  }
  return new_result(options);
}

class SweepRun {
 public:
  SweepRun(const SweepOptions& options, const SweepObserver& observer, const std::stop_token& stop)
      : options_(options), observer_(observer), stop_(stop), file_(options.directory / "result.json") {}

  Result<SweepResult> run() {
    DF_ASSIGN(result_, begin_result(options_, file_));
    if (result_.cells.empty())
      return fail(ErrorKind::bad_input, "scenario {} has no cell that this host can run (it has no SHA-NI)",
                  result_.scenario.name);
    DF_ASSIGN(const TemporaryDirectory directory, TemporaryDirectory::make());
    DF_ASSIGN(const std::filesystem::path keyfile, run_key_file(result_.scenario, directory.path()));
    for (int block = 0; block < result_.blocks_planned; ++block) {
      if (over_budget(block)) {
        result_.blocks_planned = block;
        break;
      }
      DF_TRY(run_block(block, directory.path(), keyfile));
    }
    result_.complete = true;
    DF_TRY(write_result_file(file_, result_));
    return std::move(result_);
  }

 private:
  [[nodiscard]] Nanoseconds elapsed() const { return clock_.now() - started_; }

  // Judged by the mean of the blocks made so far in this run; at least one is made.
  [[nodiscard]] bool over_budget(int block) const {
    if (!options_.time_budget || blocks_this_run_ == 0 || block == 0) return false;
    return elapsed() + elapsed() / blocks_this_run_ > *options_.time_budget;
  }

  [[nodiscard]] bool is_done(int block, const std::string& cell_id) const {
    return std::any_of(result_.trials.begin(), result_.trials.end(),
                       [&](const Trial& trial) { return trial.block == block && trial.cell_id == cell_id; });
  }

  void report(int block, const Trial* last, const Cell* cell) const {
    observer_({block, result_.blocks_planned, result_.trials.size(),
               result_.cells.size() * static_cast<std::size_t>(result_.blocks_planned), elapsed(),
               trials_this_run_, last, cell});
  }

  void record_order(int block, const std::vector<std::size_t>& order) {
    if (static_cast<std::size_t>(block) < result_.block_orders.size()) return;
    std::vector<std::string> ids;
    for (const std::size_t index : order) ids.push_back(result_.cells[index].id);
    result_.block_orders.push_back(std::move(ids));
  }

  Result<void> run_block(int block, const std::filesystem::path& directory,
                         const std::filesystem::path& keyfile) {
    const std::vector<std::size_t> order = block_order(result_.seed, block, result_.cells.size());
    const bool all_done = std::all_of(order.begin(), order.end(), [&](std::size_t index) {
      return is_done(block, result_.cells[index].id);
    });
    if (all_done) return {};
    record_order(block, order);
    report(block, nullptr, nullptr);
    // Every block draws anew what is random in the server; 53 bits are what JSON carries.
    const std::uint64_t server_seed = mix_seed(result_.scenario.server.seed, result_.seed, block) >> 11;
    DF_ASSIGN(MockProcess mock, MockProcess::start(result_.scenario, server_seed, directory, keyfile, stop_));
    for (std::size_t position = 0; position < order.size(); ++position) {
      const Cell& cell = result_.cells[order[position]];
      if (!is_done(block, cell.id)) DF_TRY(run_cell(block, static_cast<int>(position), cell, mock, keyfile));
    }
    DF_TRY(mock.stop());
    ++blocks_this_run_;
    return check_block(block);
  }

  Result<void> run_cell(int block, int position, const Cell& cell, MockProcess& mock,
                        const std::filesystem::path& keyfile) {
    Trial trial = run_trial(cell, result_.scenario, mock, keyfile, stop_);
    trial.block = block;
    trial.position = position;
    result_.trials.push_back(std::move(trial));
    ++trials_this_run_;
    DF_TRY(write_result_file(file_, result_));
    if (stop_.stop_requested())
      return fail(ErrorKind::cancelled, "interrupted; {} trials are in {}, go on with --resume",
                  result_.trials.size(), file_.string());
    report(block, &result_.trials.back(), &cell);
    return {};
  }

  // A block without one valid trial will not be followed by a better one.
  Result<void> check_block(int block) const {
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
  SteadyClock clock_;
  TimePoint started_ = clock_.now();
  SweepResult result_;
  int blocks_this_run_ = 0;
  std::size_t trials_this_run_ = 0;
};

}  // namespace

std::vector<Cell> runnable_cells(const Scenario& scenario, const HostInfo& host) {
  std::vector<Cell> cells = expand_cells(scenario);
  if (!host_has_sha_ni(host)) std::erase_if(cells, [](const Cell& cell) { return cell.sha_ni == ShaNi::on; });
  return cells;
}

Nanoseconds expected_duration(const Scenario& scenario, const std::vector<Cell>& cells, int blocks) {
  const double bytes = static_cast<double>(scenario.image.size_bytes) * (1 - scenario.image.zeros);
  const double chunks = bytes / 0x1.0p22;
  const double wire_s = scenario.server.rate_bytes_per_s > 0
                            ? bytes / scenario.image.compress / scenario.server.rate_bytes_per_s
                            : 0;
  double block_s = kBlockOverheadS;
  for (const Cell& cell : cells) {
    const int depth = cell.depth == kAuto ? kDepthOfAuto : cell.depth;
    const double waiting_s = chunks * to_seconds(scenario.server.latency) / depth;
    const double working_s =
        std::max(bytes / kRestoreBytesPerS * (cell.sha_ni == ShaNi::off ? 1.4 : 1.0), wire_s);
    if (!scenario.bystander.empty()) block_s += kBystanderAloneS;
    block_s += kTrialOverheadS + (depth == 1 ? waiting_s + working_s : std::max(waiting_s, working_s));
  }
  return from_seconds(block_s * blocks);
}

Result<SweepResult> run_sweep(const SweepOptions& options, const SweepObserver& observer,
                              const std::stop_token& stop) {
  return SweepRun(options, observer, stop).run();
}

}  // namespace depthfinder
