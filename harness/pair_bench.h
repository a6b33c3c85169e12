// SPDX-License-Identifier: MIT
// PairBench: runs the pairs of one scenario of a gate, each trial from a fresh copy of its side's program. On virtual
// machines two byte-identical copies of a program can differ by 30 % in CPU time for as long as they stay in the page
// cache, by where their pages lie; with a copy for every trial that is noise, and not a difference of the sides.
// Used by one thread.
#pragma once

#include <memory>

#include "harness/gate_runner.h"
#include "harness/mock_process.h"
#include "harness/temporary_directory.h"

namespace depthfinder {

class PairBench {
 public:
  // Errors: io.
  static Result<PairBench> make(const GateOptions& options, std::size_t scenario);

  // Starts the mock anew (two where the sides' servers differ) and warms it up with one restore that counts for nothing;
  // `batch` gives its seed. Returns how long that restore took. Errors: as run_pair().
  Result<double> restart(int batch, const std::stop_token& stop);

  // `repeats` trials a side, in a random order within each repeat, appended to `trials`. Errors: corrupt or io when a
  // restore fails, cancelled.
  Result<void> run_pair(int pair, int repeats, bool fresh, std::vector<GateTrial>& trials,
                        const std::stop_token& stop);

 private:
  PairBench(const GateOptions& options, std::size_t scenario, TemporaryDirectory directory)
      : options_(options), scenario_(scenario), directory_(std::move(directory)) {}

  [[nodiscard]] const GateScenarioOptions& scenario() const { return options_.scenarios[scenario_]; }
  [[nodiscard]] bool one_server_for_both() const;
  Result<void> start_mock(std::size_t side, std::uint64_t seed, const std::stop_token& stop);
  [[nodiscard]] std::chrono::milliseconds trial_timeout() const;
  Result<GateTrial> run_side(std::size_t side, const std::stop_token& stop);

  const GateOptions& options_;
  std::size_t scenario_;
  TemporaryDirectory directory_;
  std::filesystem::path keyfile_;
  double longest_trial_s_ = 0;
  std::array<std::unique_ptr<MockProcess>, 2> mocks_;
};

}  // namespace depthfinder
