// SPDX-License-Identifier: MIT
// depthfinder sweep: runs a scenario, then says which setting to use.
#include <fmt/format.h>
#include <unistd.h>

#include "harness/commands.h"
#include "harness/host_profile.h"
#include "harness/result_file.h"
#include "harness/sweep_runner.h"
#include "reports/recommend.h"
#include "reports/report_html.h"
#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

struct SweepFlags {
  std::string scenario, output, blocks, time_budget, seed;
  bool resume = false, dry_run = false, list = false;
};

constexpr int kBlocksMax = 1000;

constexpr const char* kExamples =
    "\nExamples:\n"
    "  depthfinder sweep --list\n"
    "  depthfinder sweep quickstart -o results/quickstart\n"
    "  depthfinder sweep my-scenario.json -o results/mine --time-budget 5m\n"
    "  depthfinder sweep my-scenario.json -o results/mine --resume\n"
    "It writes DIR/result.json after every trial and DIR/report.html at the end; a\n"
    "result that is there already is kept as result.previous.json.\n"
    "Status 5: the verdict rests on cells where the mock server was off target.";

Result<SweepOptions> sweep_options(const SweepFlags& flags) {
  SweepOptions options;
  DF_ASSIGN(options.scenario, load_scenario(flags.scenario));
  options.directory = flags.output.empty() ? "results/" + options.scenario.name : flags.output;
  options.blocks = options.scenario.blocks;
  options.seed = options.scenario.seed;
  options.time_budget = options.scenario.time_budget;
  options.resume = flags.resume;
  if (!flags.blocks.empty()) {
    DF_ASSIGN(const std::uint64_t blocks, parse_count("--blocks", flags.blocks, 1, kBlocksMax));
    options.blocks = static_cast<int>(blocks);
  }
  if (!flags.seed.empty()) {
    DF_ASSIGN(options.seed, parse_count("--seed", flags.seed, 0, 1ULL << 53));
  }
  if (!flags.time_budget.empty()) {
    DF_ASSIGN(options.time_budget, parse_duration(flags.time_budget));
    if (options.time_budget->count() == 0)
      return fail(ErrorKind::bad_input, "--time-budget must be more than 0");
  }
  return options;
}

std::string cell_text(const Cell& cell) {
  std::string text = fmt::format("{} depth {}", cell.strategy, count_or_auto(cell.depth));
  if (cell.threads != 0) text += fmt::format(" threads {}", count_or_auto(cell.threads));
  if (cell.connections > 1) text += fmt::format(" connections {}", cell.connections);
  return text + fmt::format(" SHA-NI {}", sha_ni_name(cell.sha_ni));
}

// One line that is rewritten on a terminal; a line per block elsewhere.
class SweepProgressPrinter {
 public:
  void operator()(const SweepProgress& progress) {
    if (progress.last == nullptr) {
      if (!terminal_) fmt::print(stderr, "block {} of {}\n", progress.block + 1, progress.blocks);
      return;
    }
    if (progress.last->outcome != TrialOutcome::ok) {
      clear();
      fmt::print(stderr, "block {}, {}: {}: {}\n", progress.block + 1, cell_text(*progress.cell),
                 trial_outcome_name(progress.last->outcome), progress.last->reason);
    } else if (terminal_) {
      clear();
      fmt::print(stderr, "{}", line(progress).substr(0, 79));
      std::fflush(stderr);
      shown_ = true;
    }
  }

  void clear() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
  }

 private:
  static std::string line(const SweepProgress& progress) {
    const std::size_t left = progress.trials_planned - progress.trials_done;
    const Nanoseconds left_time = progress.elapsed / progress.trials_this_run * left;
    return fmt::format("{}/{} ({} left) {}: {:.0f} MiB/s", progress.trials_done, progress.trials_planned,
                       format_duration(left_time), cell_text(*progress.cell),
                       progress.last->metrics->throughput_mib_per_s);
  }

  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

void print_plan(const SweepOptions& options) {
  const HostInfo host = host_info();
  const std::vector<Cell> cells = runnable_cells(options.scenario, host);
  fmt::print(stderr, "{}: {}\n", options.scenario.name, options.scenario.title);
  fmt::print(stderr, "{} cells x {} blocks, roughly {}\n", cells.size(), options.blocks,
             format_duration(expected_duration(options.scenario, cells, options.blocks)));
  if (cells.size() < expand_cells(options.scenario).size())
    fmt::print(stderr, "this CPU has no SHA-NI: cells that ask for it are left out\n");
}

Result<ExitStatus> finish(const SweepOptions& options, const SweepResult& result) {
  const auto recommendation = recommend(result);
  const std::filesystem::path report = options.directory / "report.html";
  DF_TRY(write_file_atomically(report, as_bytes(report_html(result, recommendation))));
  fmt::print(stderr, "wrote {} and {}\n", (options.directory / "result.json").string(), report.string());
  if (!recommendation) {
    fmt::print(stderr, "depthfinder: no recommendation: {}\n", recommendation.error().message);
    return ExitStatus::invalid;
  }
  for (const std::string& warning : recommendation->warnings) fmt::print(stderr, "note: {}\n", warning);
  if (recommendation->rests_on_off_target())
    fmt::print(stderr, "depthfinder: {}\n", distrust_line(*recommendation));
  fmt::print("{}\n{}\n", setting_line(*recommendation), recommendation->headline.reason);
  return recommendation->rests_on_off_target() ? ExitStatus::invalid : ExitStatus::done;
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
  if (flags.scenario.empty())
    return fail(ErrorKind::bad_input,
                "sweep needs a scenario: a name of --list, or a file such as my-scenario.json");
  DF_ASSIGN(const SweepOptions options, sweep_options(flags));
  print_plan(options);
  if (flags.dry_run) {
    for (const Cell& cell : runnable_cells(options.scenario, host_info())) fmt::print("{}\n", cell.id);
    return ExitStatus::done;
  }
  SweepProgressPrinter printer;
  const auto result = run_sweep(options, std::ref(printer), stop);
  printer.clear();
  if (!result) return pass_on(result.error());
  if (result->blocks_planned < options.blocks)
    fmt::print(stderr, "time budget reached after {} of {} blocks\n", result->blocks_planned, options.blocks);
  return finish(options, *result);
}

}  // namespace

void add_sweep_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<SweepFlags>();
  CLI::App* command = app.add_subcommand("sweep", "Run a scenario and say which setting to use");
  command->footer(kExamples);
  command->add_option("SCENARIO", flags->scenario, "A shipped scenario's name, or a scenario file");
  command->add_option("-o,--output", flags->output, "Directory of the results (default: results/NAME)");
  command->add_option("--blocks", flags->blocks, "How many times every cell is measured");
  command->add_option("--time-budget", flags->time_budget, "Begin no block that would end later, such as 2m");
  command->add_option("--seed", flags->seed, "Seed of the order of the cells in the blocks");
  command->add_flag("--resume", flags->resume, "Go on with DIR/result.json");
  command->add_flag("--dry-run", flags->dry_run, "Show the cells and the expected duration, run nothing");
  command->add_flag("--list", flags->list, "List the shipped scenarios");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return sweep(*flags, stop); }; });
}

}  // namespace depthfinder
