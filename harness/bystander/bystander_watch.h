// SPDX-License-Identifier: MIT
// BystanderWatch: one bystander measured alone, then beside a restore, by the same process doing the same calibrated
// work. Three calls: start() before the restore, begin() when it begins, finish() when it has ended; live_ratio() in
// between for the depth controller. Not thread-safe: one thread at a time.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/bystander/bystander_process.h"
#include "harness/bystander/bystander_spec.h"
#include "harness/bystander/bystander_stats.h"
#include "harness/bystander/sample_window.h"
#include "harness/child_process.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class BystanderWatch {
 public:
  // Starts the bystander and measures it alone for `alone`; a command's run that has begun is waited for.
  // Errors: as BystanderProcess, bad_input where not one sample came.
  static Result<BystanderWatch> start(const BystanderSpec& spec, Nanoseconds alone,
                                      const std::stop_token& stop,
                                      const std::string& program = own_program());

  // From now on samples are beside the restore; what came since start() counts for neither. Waits for the work that
  // has begun. Errors: as BystanderProcess.
  Result<void> begin(const std::stop_token& stop);

  // Of the last three seconds (longer, until there are 100 samples) over alone. Nothing before begin(), while there
  // are fewer than 100 samples (1000 for p99.9), and after the bystander failed. Does not wait.
  std::optional<double> live_ratio(BystanderPercentile percentile);

  // Ends the bystander; what was due by then is served first and counts. Errors: as BystanderProcess, and io where
  // not one sample came since begin(). Call it once, after begin().
  Result<BystanderComparison> finish();

  [[nodiscard]] pid_t process_id() const { return process_.pid(); }
  [[nodiscard]] const BystanderStats& alone() const { return alone_; }
  // The amount of CPU work per sample, for another run that is to do the same; 0 for kinds without.
  [[nodiscard]] std::uint64_t work_units() const { return process_.work_units(); }

 private:
  BystanderWatch(std::string kind, BystanderProcess process, const BystanderStats& alone);
  void add(const std::vector<BystanderReport>& reports);

  std::string kind_;
  BystanderProcess process_;
  BystanderStats alone_;
  bool begun_ = false;
  std::optional<Error> error_;  // what live_ratio() met; finish() returns it
  std::vector<double> beside_ms_;
  SampleWindow window_;
};

// The bystander by itself. Errors: as BystanderWatch::start().
Result<BystanderStats> measure_alone(const BystanderSpec& spec, Nanoseconds duration,
                                     const std::stop_token& stop, const std::string& program = own_program());

}  // namespace depthfinder
