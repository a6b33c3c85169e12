// SPDX-License-Identifier: MIT
#include "harness/selftest.h"

#include <nlohmann/json.hpp>

#include "harness/child_process.h"
#include "harness/host_profile.h"
#include "harness/temporary_directory.h"
#include "reports/statistics.h"
#include "reports/words.h"
#include "restore_core/base/file.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

constexpr double kConfidence = 0.95;

// A program that waits before it becomes this one. Both sides of a comparison are such scripts, so that the shell's time
// is on both.
Result<std::filesystem::path> delayed_program(const std::filesystem::path& directory, const char* name,
                                              double delay_s) {
  const std::filesystem::path path = directory / name;
  std::string quoted;
  for (const char c : own_program()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const std::string script = fmt::format("#!/bin/sh\nsleep {:.6f}\nexec '{}' \"$@\"\n", delay_s, quoted);
  DF_TRY(write_file_atomically(path, as_bytes(script), 0700));
  return path;
}

GateOptions gate_of(const Scenario& base, const Scenario& head, int repeats) {
  GateOptions options;
  options.time_budget = std::chrono::minutes(30);  // the number of pairs ends a run
  options.sides = {{{"base", own_program()}, {"head", own_program()}}};
  Cell cell;
  cell.depth = 8;
  cell.threads = 2;
  if (!host_has_sha_ni(host_info())) cell.sha_ni = ShaNi::off;
  cell = runnable(cell);
  options.scenarios = {{{base, head}, {cell, cell}}};
  options.run_anyway = true;
  options.repeats = repeats;
  return options;
}

// Whatever the server takes, it takes longer.
Scenario slower_server(Scenario scenario, double slowdown) {
  scenario.server.latency = from_seconds(to_seconds(scenario.server.latency) * (1 + slowdown));
  scenario.server.rate_bytes_per_s /= 1 + slowdown;
  return scenario;
}

class Selftest {
 public:
  Selftest(const SelftestOptions& options, const SelftestObserver& observer, const std::stop_token& stop)
      : options_(options), observer_(observer), stop_(stop) {}

  Result<SelftestResult> run() {
    SelftestResult result;
    result.options = options_;
    result.same.name = "the same program twice";
    result.server.name = fmt::format("a server that takes {:g} % longer", 100 * options_.slowdown);
    result.client.name = fmt::format("a client that takes {:g} % longer", 100 * options_.slowdown);
    const Scenario scenario = selftest_scenario();
    const GateOptions same = gate_of(scenario, scenario, options_.repeats);
    DF_TRY(repeat(result.same, same, GateFigure::throughput, 1.0 / 3));
    const Scenario slower = slower_server(scenario, options_.slowdown);
    DF_TRY(
        repeat(result.server, gate_of(scenario, slower, options_.repeats), GateFigure::throughput, 2.0 / 3));

    DF_ASSIGN(const TemporaryDirectory directory, TemporaryDirectory::make());
    GateOptions client = same;
    DF_ASSIGN(client.sides[0].program, delayed_program(directory.path(), "base", 0));
    DF_ASSIGN(client.sides[1].program,
              delayed_program(directory.path(), "head", elapsed_s_ * options_.slowdown));
    DF_TRY(repeat(result.client, client, GateFigure::elapsed, 1));
    return result;
  }

 private:
  // Gate runs until `share` of the time is over; one at least.
  Result<void> repeat(SelftestPart& part, GateOptions gate, GateFigure figure, double share) {
    const Nanoseconds end = from_seconds(share * to_seconds(options_.time_budget));
    do {
      gate.seed = mix_seed(options_.seed, runs_++) >> 11;
      DF_ASSIGN(const GateResult result, run_gate(
                                             gate, [](const GateProgress&) {}, stop_));
      const GateScenarioResult& scenario = result.scenarios.front();
      ++part.runs;
      part.regressions += result.verdict == GateVerdict::regression;
      part.inconclusive += result.verdict == GateVerdict::inconclusive;
      part.change_sum += scenario.figures[static_cast<std::size_t>(figure)].judgement.change;
      elapsed_s_ = scenario.figures[static_cast<std::size_t>(GateFigure::elapsed)].base_median;
      observer_(part);
    } while (clock_.now() - started_ < end);
    return {};
  }

  const SelftestOptions& options_;
  const SelftestObserver& observer_;
  const std::stop_token& stop_;
  SteadyClock clock_;
  TimePoint started_ = clock_.now();
  int runs_ = 0;
  double elapsed_s_ = 0;  // of a restore, median of the latest run
};

// What the gate promises to find of such slowdowns within its pairs.
double promised_power(double slowdown) { return slowdown < 0.05 ? 0.8 : 0.95; }

// One-sided bounds: each is wrong with 5 % at most.
Interval rate_of(const SelftestPart& part) {
  return clopper_pearson(part.regressions, part.runs, 1 - 2 * (1 - kConfidence));
}

std::string found_text(const SelftestPart& part) {
  return fmt::format(
      "{}: found in {} of {} runs,\n  {} inconclusive, {:+.1f} % measured;\n  found at least {:.1f} % of the "
      "time (95 %)\n",
      part.name, part.regressions, part.runs, part.inconclusive, 100 * part.change_mean(),
      100 * rate_of(part).low);
}

nlohmann::ordered_json part_json(const SelftestPart& part) {
  const Interval rate = rate_of(part);
  return {{"runs", part.runs},
          {"regressions", part.regressions},
          {"inconclusive", part.inconclusive},
          {"change_mean", part.change_mean()},
          {"rate_low", rate.low},
          {"rate_high", rate.high}};
}

}  // namespace

Scenario selftest_scenario() {
  Scenario scenario;
  scenario.name = "selftest";
  scenario.title = "A small image over a slow link";
  scenario.about = "For the gate's self-test.";
  scenario.sources = "Chosen, so that the server is what limits.";
  scenario.image = {32ULL << 20, 0, 0, 1.5, 1, false};
  scenario.server.latency = std::chrono::milliseconds(10);
  scenario.server.rate_bytes_per_s = 100e6;
  scenario.axes.depth = {8};
  scenario.axes.threads = {2};
  return scenario;
}

Result<SelftestResult> run_selftest(const SelftestOptions& options, const SelftestObserver& observer,
                                    const std::stop_token& stop) {
  return Selftest(options, observer, stop).run();
}

SelftestVerdict selftest_verdict(const SelftestResult& result) {
  if (rate_of(result.same).low > GateRule{}.family_error) return SelftestVerdict::alarms;
  for (const SelftestPart* part : {&result.server, &result.client})
    if (rate_of(*part).high < promised_power(result.options.slowdown)) return SelftestVerdict::too_noisy;
  return SelftestVerdict::fits;
}

std::string selftest_text(const SelftestResult& result) {
  std::string text =
      fmt::format("{}: {} of {} runs raised a false alarm,\n  {} inconclusive; at most {:.1f} % do (95 %)\n",
                  result.same.name, result.same.regressions, result.same.runs, result.same.inconclusive,
                  100 * rate_of(result.same).high);
  if (2 * result.same.inconclusive > result.same.runs)
    text += fmt::format("  (made of {} a side and pair; a gate makes up to {}: --repeats)\n",
                        counted(result.options.repeats, "restore"), kGateRepeatsMax);
  text += found_text(result.server) + found_text(result.client);
  switch (selftest_verdict(result)) {
    case SelftestVerdict::fits:
      return text + "The gate works here as far as these runs can show; more time, tighter bounds.\n";
    case SelftestVerdict::too_noisy:
      return text +
             fmt::format("This host is too noisy to find {:g} % reliably: expect inconclusive gates.\n",
                         100 * result.options.slowdown);
    case SelftestVerdict::alarms:
      break;
  }
  return text + "False alarms are more frequent here than 1 %: do not trust a gate on this host.\n";
}

std::string selftest_json(const SelftestResult& result) {
  constexpr const char* kNames[] = {"fits", "too_noisy", "alarms"};
  const nlohmann::ordered_json document = {{"schema", "depthfinder-selftest"},
                                           {"schema_version", 1},
                                           {"verdict", kNames[static_cast<int>(selftest_verdict(result))]},
                                           {"slowdown", result.options.slowdown},
                                           {"repeats", result.options.repeats},
                                           {"seed", result.options.seed},
                                           {"same", part_json(result.same)},
                                           {"slower_server", part_json(result.server)},
                                           {"slower_client", part_json(result.client)}};
  return document.dump(1) + "\n";
}

}  // namespace depthfinder
