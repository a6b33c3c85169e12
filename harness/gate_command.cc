// SPDX-License-Identifier: MIT
// depthfinder gate: did a change make restores slower, dearer or larger? Yes, no, or cannot tell, as an exit status.
#include <fmt/format.h>
#include <unistd.h>

#include "harness/child_process.h"
#include "harness/commands.h"
#include "harness/gate_runner.h"
#include "harness/gate_settings.h"
#include "harness/host_profile.h"
#include "restore_core/base/file.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

struct GateFlags {
  std::string base, head, a, b, cell, time_budget = "5m", seed = "1", repeats, trial_timeout;
  std::vector<std::string> scenarios;
  std::string markdown, junit, output;
  bool json = false, run_anyway = false;
};

constexpr const char* kGateExamples =
    "\nExamples:\n"
    "  depthfinder gate --base old/depthfinder --head build/release/depthfinder\n"
    "  depthfinder gate --base B --head H --scenario wan-25ms --junit gate.xml\n"
    "  depthfinder gate --a \"depth=8 threads=2\" --b \"depth=16 threads=4\"\n"
    "Pairs of neighbouring restores against the mock server, each from a fresh copy\n"
    "of its program. A build that changes nothing passes; one that takes over 2 %\n"
    "more time, CPU time or memory is a regression when 10 or 20 pairs prove it and\n"
    "fresh processes show it again.\n"
    "Exit status: 0 pass, 1 regression, 2 usage, 3 inconclusive, 4 restored bytes\n"
    "  wrong, 5 invalid (CPU mask not applied), 6 failed, 130 interrupted.";

Result<GateScenarioOptions> scenario_options(const std::string& name, const GateFlags& flags,
                                             const HostInfo& host) {
  DF_ASSIGN(const Scenario scenario, load_scenario(name));
  DF_ASSIGN(Cell cell, default_gate_cell(scenario, host));
  if (!flags.cell.empty()) {
    DF_ASSIGN(cell, changed_cell(scenario, cell, flags.cell));
  }
  GateScenarioOptions options{{scenario, scenario}, {cell, cell}};
  if (!flags.a.empty()) {
    DF_ASSIGN(options.cells[0], changed_cell(scenario, cell, flags.a));
    DF_ASSIGN(options.cells[1], changed_cell(scenario, cell, flags.b));
  }
  if (!host_has_sha_ni(host) &&
      (options.cells[0].sha_ni == ShaNi::on || options.cells[1].sha_ni == ShaNi::on))
    return fail(ErrorKind::bad_input, "this CPU has no SHA-NI: say sha_ni=off");
  return options;
}

Result<std::array<GateSideOptions, 2>> sides_of(const GateFlags& flags) {
  const bool builds = !flags.base.empty() && !flags.head.empty();
  const bool settings = !flags.a.empty() && !flags.b.empty();
  const bool any_build = !flags.base.empty() || !flags.head.empty();
  const bool any_setting = !flags.a.empty() || !flags.b.empty();
  if (builds == settings || (builds && any_setting) || (settings && any_build))
    return fail(ErrorKind::bad_input,
                "gate compares two builds (--base BIN --head BIN) or two settings (--a SETTING --b SETTING)");
  if (builds) return std::array<GateSideOptions, 2>{{{"base", flags.base}, {"head", flags.head}}};
  return std::array<GateSideOptions, 2>{{{"a", own_program()}, {"b", own_program()}}};
}

Result<GateOptions> gate_options(const GateFlags& flags) {
  GateOptions options;
  DF_ASSIGN(options.sides, sides_of(flags));
  DF_ASSIGN(options.time_budget, parse_duration(flags.time_budget));
  if (options.time_budget.count() == 0)
    return fail(ErrorKind::bad_input, "--time-budget must be more than 0");
  DF_ASSIGN(options.seed, parse_count("--seed", flags.seed, 0, 1ULL << 53));
  options.run_anyway = flags.run_anyway;
  if (!flags.repeats.empty()) {
    DF_ASSIGN(const std::uint64_t repeats, parse_count("--repeats", flags.repeats, 1, 100));
    options.repeats = static_cast<int>(repeats);
  }
  if (!flags.trial_timeout.empty()) {
    DF_ASSIGN(const Nanoseconds timeout, parse_duration(flags.trial_timeout));
    if (timeout.count() == 0) return fail(ErrorKind::bad_input, "--trial-timeout must be more than 0");
    options.trial_timeout = std::chrono::ceil<std::chrono::milliseconds>(timeout);
  }
  const HostInfo host = host_info();
  for (const std::string& name :
       flags.scenarios.empty() ? std::vector<std::string>{"quickstart"} : flags.scenarios) {
    DF_ASSIGN(GateScenarioOptions scenario, scenario_options(name, flags, host));
    options.scenarios.push_back(std::move(scenario));
  }
  return options;
}

// One line that is rewritten on a terminal; a line when a scenario begins elsewhere.
class GatePrinter {
 public:
  explicit GatePrinter(const GateOptions& options) : options_(options) {}

  void operator()(const GateProgress& progress) {
    const std::string name = options_.scenarios[progress.scenario].scenarios[0].name;
    const std::string line =
        fmt::format("{}: {} {} of at most {}", name, progress.confirming ? "confirming, pair" : "pair",
                    progress.pairs + 1, options_.rule.last_look);
    if (terminal_) {
      fmt::print(stderr, "\r\x1b[K{}", line.substr(0, 79));
      std::fflush(stderr);
    } else if (progress.pairs == 0) {
      fmt::print(stderr, "{}\n", line);
    }
  }

  void clear() const {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  const GateOptions& options_;
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
};

Result<void> write_outputs(const GateFlags& flags, const GateResult& result) {
  DF_ASSIGN(const std::string json, gate_json(result));
  if (!flags.output.empty()) DF_TRY(write_file_atomically(flags.output, as_bytes(json)));
  if (!flags.markdown.empty()) DF_TRY(write_file_atomically(flags.markdown, as_bytes(gate_markdown(result))));
  if (!flags.junit.empty()) DF_TRY(write_file_atomically(flags.junit, as_bytes(gate_junit(result))));
  fmt::print("{}", flags.json ? json : gate_text(result));
  return {};
}

bool any_invalid(const GateResult& result) {
  for (const GateScenarioResult& scenario : result.scenarios)
    for (const GateTrial& trial : scenario.trials)
      if (trial.trial.outcome == TrialOutcome::invalid) return true;
  return false;
}

ExitStatus status_of(const GateResult& result) {
  switch (result.verdict) {
    case GateVerdict::pass:
      return ExitStatus::done;
    case GateVerdict::regression:
      return ExitStatus::regression;
    case GateVerdict::inconclusive:
      break;
  }
  return any_invalid(result) ? ExitStatus::invalid : ExitStatus::inconclusive;
}

Result<ExitStatus> gate(const GateFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(const GateOptions options, gate_options(flags));
  GatePrinter printer(options);
  const auto result = run_gate(options, std::ref(printer), stop);
  printer.clear();
  if (!result) return pass_on(result.error());
  DF_TRY(write_outputs(flags, *result));
  return status_of(*result);
}

}  // namespace

void add_gate_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<GateFlags>();
  CLI::App* command = app.add_subcommand("gate", "Judge two builds or two settings: pass or regression");
  command->footer(kGateExamples);
  command->add_option("--base", flags->base, "The program before the change");
  command->add_option("--head", flags->head, "The program with the change");
  command->add_option("--a", flags->a, "One setting of this program, such as \"depth=8 threads=2\"");
  command->add_option("--b", flags->b, "The other setting, judged against --a");
  command
      ->add_option("--scenario", flags->scenarios,
                   "A scenario's name or file (default: quickstart)\nMay be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--cell", flags->cell,
                      "Both sides' setting, or a cell's id (default: spawned\ndepth 16 threads 4 where the "
                      "scenario has it, else\nits first cell)");
  command->add_option("--time-budget", flags->time_budget, "For each scenario (default: 5m)");
  command->add_option("--repeats", flags->repeats,
                      "Restores a side and pair (default: as many as fit, up to 8)");
  command->add_option(
      "--trial-timeout", flags->trial_timeout,
      "A restore that takes longer has failed (default: 20\ntimes the longest so far, 30s at least)");
  command->add_option("--seed", flags->seed, "Seed of the order within the pairs (default: 1)");
  command->add_flag("--run-anyway", flags->run_anyway, "Measure although both sides are the same");
  command->add_flag("--json", flags->json, "Print JSON instead of a table");
  command->add_option("--markdown", flags->markdown, "Write Markdown for a CI step summary");
  command->add_option("--junit", flags->junit, "Write JUnit XML");
  command->add_option("-o,--output", flags->output, "Write the JSON result, with every trial");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return gate(*flags, stop); }; });
}

}  // namespace depthfinder
