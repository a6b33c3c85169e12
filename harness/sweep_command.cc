// SPDX-License-Identifier: MIT
// depthfinder sweep: runs a scenario, then says which setting to use.
#include <algorithm>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/host_probe.h"
#include "harness/host_profile.h"
#include "harness/sweep_estimate.h"
#include "harness/sweep_profiles.h"
#include "harness/sweep_progress.h"
#include "harness/sweep_settings.h"
#include "reports/recommend.h"
#include "reports/report_html.h"
#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr const char* kSweepExamples =
    "\nExamples:\n"
    "  depthfinder sweep --list\n"
    "  depthfinder sweep quickstart -o results/quickstart\n"
    "  depthfinder sweep my-scenario.json -o results/mine --time-budget 5m\n"
    "  depthfinder sweep my-scenario.json -o results/mine --resume\n"
    "  depthfinder sweep --repository root@pam@pbs.example:8007:tank \\\n"
    "      --snapshot vm/100 --archive drive-scsi0.img --depth 1,2,4..32/4 \\\n"
    "      --threads 1,4 --bytes-limit 50GiB\n"
    "After three blocks the cells race: what is proven too slow, or costlier than a\n"
    "cell that is as fast, runs no more; the others run until the choice is sure or\n"
    "as many trials are made as of every cell in the scenario's blocks. --blocks N\n"
    "fixes the number of blocks, --no-racing runs every cell in every block.\n"
    "A real server is only read from; passwords come from the PBS_* environment.\n"
    "It writes DIR/result.json after every trial and DIR/report.html at the end; a\n"
    "result that is there already is kept as result.previous.json.\n"
    "--json-lines: objects with \"event\": begin, block, trial, decision, estimate,\n"
    "end; blocks count from 0 as in result.json.\n"
    "Status 5: the verdict rests on cells where the mock server was off target, or\n"
    "--require-quiet and the host is noisy.";

void print_plan(const SweepOptions& options) {
  const HostInfo host = host_info();
  const std::vector<Cell> cells = runnable_cells(options.scenario, host);
  fmt::print(stderr, "{}: {}\n", options.scenario.name, options.scenario.title);
  if (options.real_server) {
    fmt::print(stderr, "{} cells, at most {} read of each, {} in all; how long depends on the server\n",
               cells.size(), format_byte_count(options.real_server->trial_bytes_max),
               format_byte_count(*options.bytes_limit));
  } else if (options.racing && !options.blocks_fixed) {
    const DurationRange range = expected_race(options.scenario, cells, options.blocks);
    fmt::print(
        stderr, "{} cells, a race of at most {} trials, roughly {} to {}\n", cells.size(),
        cells.size() * static_cast<std::size_t>(options.blocks), format_duration(range.least),
        format_duration(options.time_budget ? std::min(range.most, *options.time_budget) : range.most));
  } else {
    fmt::print(stderr, "{} cells x {} blocks, roughly {}{}\n", cells.size(), options.blocks,
               options.racing ? "at most " : "",
               format_duration(expected_duration(options.scenario, cells, options.blocks)));
  }
  if (cells.size() < expand_cells(options.scenario).size())
    fmt::print(stderr, "this CPU has no SHA-NI: cells that ask for it are left out\n");
}

void print_end(const SweepOutcome& outcome) {
  const int blocks = outcome.result.blocks_planned;
  if (outcome.end == SweepEnd::time) fmt::print(stderr, "time budget reached after {} blocks\n", blocks);
  if (outcome.end == SweepEnd::bytes) fmt::print(stderr, "limit on bytes reached in block {}\n", blocks);
  if (!outcome.result.racing.empty() && outcome.result.racing.back().decision == "stopped")
    fmt::print(stderr, "{} trials in {} blocks; stopped: {}\n", outcome.result.trials.size(), blocks,
               outcome.result.racing.back().reason);
}

Result<ExitStatus> finish(const SweepOptions& options, const SweepOutcome& outcome, SweepReporter& reporter) {
  print_end(outcome);
  const auto recommendation = recommend(outcome.result);
  const std::filesystem::path report = options.directory / "report.html";
  DF_TRY(write_file_atomically(report, as_bytes(report_html(outcome.result, recommendation))));
  fmt::print(stderr, "wrote {} and {}\n", (options.directory / "result.json").string(), report.string());
  ExitStatus status = ExitStatus::done;
  if (!recommendation) {
    fmt::print(stderr, "depthfinder: no recommendation: {}\n", recommendation.error().message);
    status = ExitStatus::invalid;
  } else {
    for (const std::string& warning : recommendation->warnings) fmt::print(stderr, "note: {}\n", warning);
    if (recommendation->rests_on_off_target()) {
      fmt::print(stderr, "depthfinder: {}\n", distrust_line(*recommendation));
      status = ExitStatus::invalid;
    }
  }
  reporter.end(outcome, recommendation, status);
  return status;
}

// Before minutes are spent. False when the host is too noisy for what was asked.
Result<bool> host_will_do(const SweepFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(const HostNoise noise, probe_host(stop));
  const QuietVerdict verdict = judge_host(noise);
  if (verdict.quiet) return true;
  fmt::print(stderr, "{}: {}\n", flags.require_quiet ? "depthfinder" : "note", noise_line(verdict));
  return !flags.require_quiet;
}

Result<ExitStatus> list_scenarios() {
  for (const std::string_view name : shipped_scenario_names()) {
    DF_ASSIGN(const Scenario scenario, load_scenario(std::string(name)));
    fmt::print("{:<22} {}\n", name, scenario.title);
  }
  return ExitStatus::done;
}

Result<ExitStatus> sweep(const SweepFlags& flags, const std::stop_token& stop) {
  if (flags.list) return list_scenarios();
  DF_ASSIGN(const SweepOptions options, sweep_options(flags, stop));
  print_plan(options);
  const std::vector<Cell> cells = runnable_cells(options.scenario, host_info());
  if (flags.dry_run) {
    for (const Cell& cell : cells) fmt::print("{}\n", cell.id);
    return ExitStatus::done;
  }
  DF_ASSIGN(const bool quiet_enough, host_will_do(flags, stop));
  if (!quiet_enough) return ExitStatus::invalid;
  DF_TRY(ensure_profiles(
      cells, [](const std::string& why) { fmt::print(stderr, "note: no profile: {}\n", why); }, stop));
  const auto reporter = flags.json_lines ? make_json_reporter() : make_text_reporter();
  reporter->begin(options, cells.size());
  const auto outcome = run_sweep(
      options, [&](const SweepProgress& progress) { reporter->progress(progress); }, stop);
  reporter->clear();
  if (!outcome) return pass_on(outcome.error());
  return finish(options, *outcome, *reporter);
}

}  // namespace

void add_sweep_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<SweepFlags>();
  CLI::App* command = app.add_subcommand("sweep", "Run a scenario and say which setting to use");
  command->footer(kSweepExamples);
  add_sweep_flags(*command, *flags);
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return sweep(*flags, stop); }; });
}

}  // namespace depthfinder
