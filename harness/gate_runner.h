// SPDX-License-Identifier: MIT
// run_gate(): measures two sides in pairs, interleaved, and confirms what looks like a regression on fresh processes. It
// starts the processes and watches the time; what the pairs mean is reports/gate.h's.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "reports/gate.h"
#include "restore_core/base/clock.h"

namespace depthfinder {

struct GateSideOptions {
  std::string label;
  std::filesystem::path program;  // run from a fresh copy in every trial
};

// One scenario as each side meets it: in a self-test server or target differ.
struct GateScenarioOptions {
  std::array<Scenario, 2> scenarios;
  std::array<Cell, 2> cells;
};

struct GateOptions {
  std::array<GateSideOptions, 2> sides;
  std::vector<GateScenarioOptions> scenarios;
  Nanoseconds time_budget = std::chrono::minutes(5);  // of one scenario
  std::uint64_t seed = 1;
  bool run_anyway = false;     // although both sides are the same
  std::optional<int> repeats;  // trials a side and pair; else as many as fit, at most kGateRepeatsMax
  // A restore that takes longer has failed; else 20 times the longest so far, half a minute at least.
  std::optional<std::chrono::milliseconds> trial_timeout;
  GateRule rule;
};
inline constexpr int kGateRepeatsMax = 8;

struct GateProgress {
  std::size_t scenario = 0;
  int pairs = 0;  // done
  bool confirming = false;
};
using GateObserver = std::function<void(const GateProgress&)>;

// Errors: bad_input (a program that cannot be run), corrupt and io when a side's restore fails, cancelled.
Result<GateResult> run_gate(const GateOptions& options, const GateObserver& observer,
                            const std::stop_token& stop);

}  // namespace depthfinder
