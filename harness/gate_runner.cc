// SPDX-License-Identifier: MIT
#include "harness/gate_runner.h"

#include <algorithm>
#include <chrono>

#include <unistd.h>

#include "harness/host_profile.h"
#include "harness/pair_bench.h"
#include "harness/version.h"
#include "restore_core/base/file.h"
#include "restore_core/format/snapshot_name.h"
#include "restore_core/hash/sha256.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr int kPairsPerMock = 5;
// Of a scenario's time: for the pairs of the last look as planned, and until when the first test may go on. The rest is
// for confirmation.
constexpr double kPlannedShare = 0.4, kFirstTestShare = 0.65;
constexpr double kTrialOverheadS = 0.05;  // copying the program, asking the mock

std::string now_utc() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return format_utc(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

Result<GateSide> side_of(const GateSideOptions& options) {
  constexpr std::uint64_t kProgramBytesMax = 4ULL << 30;
  std::error_code error;
  if (!std::filesystem::is_regular_file(options.program, error) ||
      ::access(options.program.c_str(), X_OK) != 0)
    return fail(ErrorKind::bad_input, "{}: {} is no program that can be run", options.label,
                options.program.string());
  DF_ASSIGN(const Bytes bytes, read_file(options.program, kProgramBytesMax));
  return GateSide{options.label, options.program.filename().string(), to_hex(sha256(bytes))};
}

class GateRun {
 public:
  GateRun(const GateOptions& options, const GateObserver& observer, const std::stop_token& stop)
      : options_(options), observer_(observer), stop_(stop) {}

  Result<GateResult> run() {
    DF_TRY(begin());
    if (result_.identical) {
      judge_gate(result_);
      return std::move(result_);
    }
    for (std::size_t i = 0; i < options_.scenarios.size(); ++i) DF_TRY(first_test(i));
    judge_gate(result_);
    const auto wanted = unconfirmed(result_);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (!wanted[i].empty()) DF_TRY(confirm(i, wanted[i]));
    judge_gate(result_);
    return std::move(result_);
  }

 private:
  Result<void> begin() {
    result_.tool = tool_info();
    result_.host = host_info();
    result_.started_at_utc = now_utc();
    result_.seed = options_.seed;
    result_.rule = options_.rule;
    for (std::size_t side = 0; side < 2; ++side) {
      DF_ASSIGN(result_.sides[side], side_of(options_.sides[side]));
    }
    bool same = result_.sides[0].program_sha256 == result_.sides[1].program_sha256;
    for (const GateScenarioOptions& scenario : options_.scenarios) {
      same = same && scenario.cells[0] == scenario.cells[1] &&
             scenario_json(scenario.scenarios[0]) == scenario_json(scenario.scenarios[1]);
      GateScenarioResult empty;
      empty.scenario = scenario.scenarios[0];
      empty.scenario_sha256 = to_hex(sha256(as_bytes(scenario_json(empty.scenario))));
      empty.cells = scenario.cells;
      result_.scenarios.push_back(std::move(empty));
    }
    result_.identical = same && !options_.run_anyway;
    spent_.resize(options_.scenarios.size());
    return {};
  }

  [[nodiscard]] int hypotheses() const {
    return static_cast<int>(kGateFigures.size() * options_.scenarios.size());
  }

  // As many trials a side and pair as the time planned for the last look's pairs holds.
  [[nodiscard]] int repeats_for(double trial_s) const {
    if (options_.repeats) return *options_.repeats;
    const double pair_s = 2 * (trial_s + kTrialOverheadS);
    const double planned_s = kPlannedShare * to_seconds(options_.time_budget);
    return std::clamp(static_cast<int>(planned_s / (options_.rule.last_look * pair_s)), 1, kGateRepeatsMax);
  }

  Result<void> first_test(std::size_t index) {
    GateScenarioResult& scenario = result_.scenarios[index];
    const auto decided = [&] {
      return gate_is_decided(pair_differences(scenario, false), hypotheses(), options_.rule);
    };
    return run_pairs(index, false, kFirstTestShare, decided);
  }

  // Ends when every figure asked for is confirmed, or after the last look.
  Result<void> confirm(std::size_t index, const std::vector<GateFigure>& figures) {
    const auto decided = [&] {
      const auto fresh = pair_differences(result_.scenarios[index], true);
      const int pairs = static_cast<int>(fresh.front().size());
      if (pairs >= options_.rule.last_look) return true;
      return pairs == options_.rule.first_look &&
             std::all_of(figures.begin(), figures.end(), [&](GateFigure figure) {
               return is_confirmed(fresh[static_cast<std::size_t>(figure)], options_.rule);
             });
    };
    return run_pairs(index, true, 1, decided);
  }

  // Pairs until `decided`, or until another would end beyond `share` of the scenario's time.
  Result<void> run_pairs(std::size_t index, bool fresh, double share, const std::function<bool()>& decided) {
    GateScenarioResult& scenario = result_.scenarios[index];
    const TimePoint started = clock_.now();
    const auto spent = [&] { return spent_[index] + (clock_.now() - started); };
    const Nanoseconds allowed = from_seconds(share * to_seconds(options_.time_budget));
    DF_ASSIGN(PairBench bench, PairBench::make(options_, index));
    Nanoseconds longest{0};
    // Twice the pairs are a bound for pairs that were not valid.
    for (int pair = 0; pair < 2 * options_.rule.last_look && !decided(); ++pair) {
      const TimePoint pair_started = clock_.now();
      if (pair > 0 && spent() + longest > allowed) break;
      if (pair % kPairsPerMock == 0) {
        DF_ASSIGN(const double trial_s, bench.restart(2 * (pair / kPairsPerMock) + (fresh ? 1 : 0), stop_));
        if (pair == 0 && !fresh) scenario.repeats = repeats_for(trial_s);
      }
      observer_({index, pair, fresh});
      DF_TRY(bench.run_pair(pair, scenario.repeats, fresh, scenario.trials, stop_));
      longest = std::max(longest, clock_.now() - pair_started);
    }
    spent_[index] = spent();
    return {};
  }

  const GateOptions& options_;
  const GateObserver& observer_;
  const std::stop_token& stop_;
  SteadyClock clock_;
  GateResult result_;
  std::vector<Nanoseconds> spent_;
};

}  // namespace

Result<GateResult> run_gate(const GateOptions& options, const GateObserver& observer,
                            const std::stop_token& stop) {
  return GateRun(options, observer, stop).run();
}

}  // namespace depthfinder
