// SPDX-License-Identifier: MIT
#include "harness/pair_bench.h"

#include <algorithm>

#include "harness/run_key.h"
#include "harness/trial_runner.h"
#include "restore_core/base/random.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr int kStatusIntegrity = 4;
// How much longer than any before a restore may take before it is taken for one that hangs.
constexpr double kHangingFactor = 20, kHangingSecondsMin = 30;

// A copy of a program that is gone with it.
class FreshCopy {
 public:
  static Result<FreshCopy> make(const std::filesystem::path& program,
                                const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / "program";
    std::error_code error;
    std::filesystem::remove(path, error);
    std::filesystem::copy_file(program, path, error);
    if (error) return pass_on(errno_error("copy", program, error.value()));
    return FreshCopy(path);
  }
  FreshCopy(FreshCopy&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  FreshCopy& operator=(FreshCopy&&) = delete;
  ~FreshCopy() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  explicit FreshCopy(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace

Result<PairBench> PairBench::make(const GateOptions& options, std::size_t scenario) {
  DF_ASSIGN(TemporaryDirectory directory, TemporaryDirectory::make());
  PairBench bench(options, scenario, std::move(directory));
  const std::filesystem::path& path = bench.directory_.path();
  for (const char* name : {"base", "head"}) {
    std::error_code error;
    std::filesystem::create_directory(path / name, error);
    if (error) return pass_on(errno_error("create", path / name, error.value()));
  }
  DF_ASSIGN(bench.keyfile_, run_key_file(options.scenarios[scenario].scenarios[0], path));
  return bench;
}

bool PairBench::one_server_for_both() const {
  Scenario head = scenario().scenarios[1];
  head.target = scenario().scenarios[0].target;  // the client's, not the server's
  return scenario_json(scenario().scenarios[0]) == scenario_json(head);
}

Result<void> PairBench::start_mock(std::size_t side, std::uint64_t seed, const std::stop_token& stop) {
  if (mocks_[side]) DF_TRY(mocks_[side]->stop());
  mocks_[side].reset();
  const std::filesystem::path directory = directory_.path() / (side == 0 ? "base" : "head");
  DF_ASSIGN(MockProcess mock,
            MockProcess::start(scenario().scenarios[side], seed, directory, keyfile_, stop));
  mocks_[side] = std::make_unique<MockProcess>(std::move(mock));
  return {};
}

Result<double> PairBench::restart(int batch, const std::stop_token& stop) {
  // 53 bits are what JSON carries; both sides meet the same draws.
  const std::uint64_t seed =
      mix_seed(scenario().scenarios[0].server.seed, options_.seed, scenario_, batch) >> 11;
  DF_TRY(start_mock(0, seed, stop));
  if (!one_server_for_both()) DF_TRY(start_mock(1, seed, stop));
  DF_ASSIGN(const GateTrial warm_up, run_side(0, stop));
  if (mocks_[1]) DF_TRY(run_side(1, stop));
  return warm_up.elapsed_s;
}

std::chrono::milliseconds PairBench::trial_timeout() const {
  if (options_.trial_timeout) return *options_.trial_timeout;
  if (longest_trial_s_ == 0) return kTrialTimeout;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      from_seconds(std::max(kHangingSecondsMin, kHangingFactor * longest_trial_s_)));
}

Result<GateTrial> PairBench::run_side(std::size_t side, const std::stop_token& stop) {
  const GateSideOptions& about = options_.sides[side];
  MockProcess& mock = mocks_[side] ? *mocks_[side] : *mocks_[0];
  DF_ASSIGN(const FreshCopy copy, FreshCopy::make(about.program, directory_.path()));
  ProgramTrial run = run_program_trial({copy.path(), trial_timeout()}, scenario().cells[side],
                                       scenario().scenarios[side], mock, keyfile_, Timeline::left_out, stop);
  if (run.trial.outcome == TrialOutcome::cancelled || stop.stop_requested())
    return fail(ErrorKind::cancelled, "interrupted");
  if (run.trial.outcome == TrialOutcome::failed)
    return fail(run.exit_status == kStatusIntegrity ? ErrorKind::corrupt : ErrorKind::io, "{}: {}",
                about.label, run.trial.reason);
  longest_trial_s_ = std::max(longest_trial_s_, run.elapsed_s);
  GateTrial trial;
  trial.head = side == 1;
  trial.elapsed_s = run.elapsed_s;
  trial.trial = std::move(run.trial);
  return trial;
}

Result<void> PairBench::run_pair(int pair, int repeats, bool fresh, std::vector<GateTrial>& trials,
                                 const std::stop_token& stop) {
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto first =
        static_cast<std::size_t>(Random(mix_seed(options_.seed, scenario_, fresh, pair, repeat)).below(2));
    for (const std::size_t side : {first, 1 - first}) {
      DF_ASSIGN(GateTrial trial, run_side(side, stop));
      trial.pair = trial.trial.block = pair;
      trial.repeat = repeat;
      trial.first = side == first;
      trial.fresh = fresh;
      trial.trial.position = 2 * repeat + (side == first ? 0 : 1);
      trials.push_back(std::move(trial));
    }
  }
  return {};
}

}  // namespace depthfinder
