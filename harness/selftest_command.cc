// SPDX-License-Identifier: MIT
// depthfinder selftest: does the gate hold on this host what it promises?
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/selftest.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

struct SelftestFlags {
  std::string time_budget, seed = "1", slowdown = "5", repeats = "1";
  bool quick = false, json = false;
};

constexpr const char* kAbout =
    "\nExamples:\n"
    "  depthfinder selftest --quick\n"
    "  depthfinder selftest --time-budget 1h --slowdown 3\n"
    "Whole gate runs over a small scenario: the same program twice for false alarms,\n"
    "then with a server, then with a client that takes longer. How much is shown\n"
    "follows from the number of runs: 300 without an alarm show less than 1 %.\n"
    "A run makes one restore a side and pair; a gate makes up to 8, and is less\n"
    "often inconclusive.\n"
    "Exit status: 0 nothing speaks against the gate here, 3 the host is too noisy for\n"
    "  the slowdown, 5 false alarms are proven, 6 failed, 130 interrupted.";

Result<ExitStatus> selftest(const SelftestFlags& flags, const std::stop_token& stop) {
  SelftestOptions options;
  if (flags.quick) options.time_budget = std::chrono::seconds(45);
  if (!flags.time_budget.empty()) {
    DF_ASSIGN(options.time_budget, parse_duration(flags.time_budget));
  }
  if (options.time_budget.count() == 0)
    return fail(ErrorKind::bad_input, "--time-budget must be more than 0");
  DF_ASSIGN(options.seed, parse_count("--seed", flags.seed, 0, 1ULL << 53));
  DF_ASSIGN(const std::uint64_t slowdown, parse_count("--slowdown", flags.slowdown, 1, 100));
  options.slowdown = static_cast<double>(slowdown) / 100;
  DF_ASSIGN(const std::uint64_t repeats, parse_count("--repeats", flags.repeats, 1, 100));
  options.repeats = static_cast<int>(repeats);
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
  command->add_option("--slowdown", flags->slowdown, "Percent, of server and client (default: 5)");
  command->add_option("--repeats", flags->repeats, "Restores a side and pair (default: 1)");
  command->add_option("--seed", flags->seed, "Seed of the runs (default: 1)");
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return selftest(*flags, stop); }; });
}

}  // namespace depthfinder
