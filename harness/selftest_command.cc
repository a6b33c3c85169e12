// SPDX-License-Identifier: MIT
// depthfinder selftest: does the gate hold on this host what it promises?
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/selftest.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

struct SelftestFlags {
  std::string time_budget, seed = "1";
  bool quick = false, json = false;
};

constexpr const char* kAbout =
    "\nExamples:\n"
    "  depthfinder selftest --quick\n"
    "  depthfinder selftest --time-budget 1h\n"
    "Whole gate runs over a small scenario: the same program twice for false alarms,\n"
    "then with a server, then with a client that takes 5 % longer. How much is shown\n"
    "follows from the number of runs: 300 without an alarm show less than 1 %.\n"
    "Exit status: 0 nothing speaks against the gate here, 3 the host is too noisy for\n"
    "  5 %, 5 false alarms are proven, 6 failed, 130 interrupted.";

Result<ExitStatus> selftest(const SelftestFlags& flags, const std::stop_token& stop) {
  SelftestOptions options;
  if (flags.quick) options.time_budget = std::chrono::seconds(45);
  if (!flags.time_budget.empty()) {
    DF_ASSIGN(options.time_budget, parse_duration(flags.time_budget));
  }
  if (options.time_budget.count() == 0)
    return fail(ErrorKind::bad_input, "--time-budget must be more than 0");
  DF_ASSIGN(options.seed, parse_count("--seed", flags.seed, 0, 1ULL << 53));
  const auto observer = [](const SelftestPart& part) {
    fmt::print(stderr, "{}: run {}, {} regressions, {} inconclusive\n", part.name, part.runs,
               part.regressions, part.inconclusive);
  };
  DF_ASSIGN(const SelftestResult result, run_selftest(options, observer, stop));
  fmt::print("{}", flags.json ? selftest_json(result) : selftest_text(result));
  switch (selftest_verdict(result)) {
    case SelftestVerdict::fits:
      return ExitStatus::done;
    case SelftestVerdict::too_noisy:
      return ExitStatus::inconclusive;
    case SelftestVerdict::alarms:
      break;
  }
  return ExitStatus::invalid;
}

}  // namespace

void add_selftest_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<SelftestFlags>();
  CLI::App* command = app.add_subcommand("selftest", "Try the gate's false alarms and power on this host");
  command->footer(kAbout);
  command->add_flag("--quick", flags->quick, "45 seconds instead of 5 minutes");
  command->add_option("--time-budget", flags->time_budget, "Begin no run later than this (default: 5m)");
  command->add_option("--seed", flags->seed, "Seed of the runs (default: 1)");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return selftest(*flags, stop); }; });
}

}  // namespace depthfinder
