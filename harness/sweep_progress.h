// SPDX-License-Identifier: MIT
// Where a sweep is, for whoever waits for it: one line written over on a terminal, a line per block elsewhere, or one JSON
// object per event on standard output. Used by the sweep's thread.
#pragma once

#include <memory>

#include "harness/exit_status.h"
#include "harness/sweep_runner.h"
#include "reports/recommend.h"

namespace depthfinder {

class SweepReporter {
 public:
  virtual ~SweepReporter() = default;
  virtual void begin(const SweepOptions& options, std::size_t cells) = 0;
  virtual void progress(const SweepProgress& progress) = 0;
  // The line that was written over is gone afterwards; may be called when nothing is shown.
  virtual void clear() = 0;
  // The recommendation is absent where there is none; the outcome where the sweep failed.
  virtual void end(const SweepOutcome& outcome, const Result<Recommendation>& recommendation,
                   ExitStatus status) = 0;
};

std::unique_ptr<SweepReporter> make_text_reporter();
std::unique_ptr<SweepReporter> make_json_reporter();

// "all_blocks", "decided", "trials", "time", "bytes".
std::string_view sweep_end_name(SweepEnd end);

}  // namespace depthfinder
