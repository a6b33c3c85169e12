// SPDX-License-Identifier: MIT
// The gate tried on this host, now: pairs of one and the same program for its false alarms, and slowdowns that we made
// ourselves, in the server and in the client, for its power. Whole gate runs, each a fresh seed, as many as the time
// allows; their number bounds what is shown (Clopper and Pearson). Used by one thread.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "harness/gate_runner.h"

namespace depthfinder {

struct SelftestPart {
  std::string name;
  int runs = 0, regressions = 0, inconclusive = 0;
  double change_sum = 0;  // of the figure that was slowed down, over the runs
  [[nodiscard]] double change_mean() const { return runs == 0 ? 0 : change_sum / runs; }
};

struct SelftestOptions {
  Nanoseconds time_budget =
      std::chrono::minutes(5);  // a run that has begun is ended; each part makes one at least
  std::uint64_t seed = 1;
  double slowdown = 0.05;  // that is injected
  int repeats = 1;         // restores a side and pair
};

struct SelftestResult {
  SelftestOptions options;
  SelftestPart same, server, client;
};
using SelftestObserver = std::function<void(const SelftestPart&)>;  // after each run

// Errors: those of run_gate().
Result<SelftestResult> run_selftest(const SelftestOptions& options, const SelftestObserver& observer,
                                    const std::stop_token& stop);

// The scenario it runs: a small image over a slow link, so that a server 5 % slower makes a restore 5 % slower.
Scenario selftest_scenario();

enum class SelftestVerdict {
  fits,  // nothing speaks against 1 % of false alarms and 95 % of slowdowns found (80 % of those below 5 %)
  too_noisy,  // slowdowns are surely found less often than that here
  alarms,     // false alarms are surely more frequent than 1 %
};
SelftestVerdict selftest_verdict(const SelftestResult& result);
std::string selftest_text(const SelftestResult& result);  // within 80 columns
std::string selftest_json(const SelftestResult& result);

}  // namespace depthfinder
