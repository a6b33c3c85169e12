// SPDX-License-Identifier: MIT
// Play: a depth controller and windows for it, so that its rule can be tested as a table: "measured this at the depth in
// force -> this depth, these threads, this decision". Windows that only let a change settle are played between the rows
// without being written down. For tests of the controller; it measures nothing and has no noise.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "restore_core/engine/depth_controller.h"

namespace depthfinder::testing_support {

// What a window measured; what is not named is that of a restore that the network limits, far from its end.
struct In {
  double rate = 100;               // MB/s
  double failures = 0;             // in units of the depth in force
  double filled = 1;               // of the depth in force
  double writer = 0, ready = 0;    // the writers' busy share, and what waits for them
  double decode = 0.5, blobs = 0;  // the same of the decode workers
  double chunks_left = 1e9;
  std::optional<double> bystander = {};  // how many times slower; its budget is 2
};

struct Row {
  const char* what;
  In in;
  DecisionKind kind;
  int depth;  // decided
  int threads = 1;
  int times = 1;  // so many windows in a row, each with this decision
};

inline DepthLimits limits(int depth_start, int depth_max, int threads_start = 1, int threads_max = 1) {
  return {.depth_max = depth_max,
          .threads_max = threads_max,
          .depth_start = depth_start,
          .threads_start = threads_start};
}

inline DepthSample sample_of(const In& in, int depth) {
  DepthSample sample;
  sample.window = std::chrono::milliseconds(500);
  sample.completions = std::max(12, 2 * depth);
  sample.goodput_bytes = static_cast<std::uint64_t>(in.rate * 1e6 * to_seconds(sample.window));
  sample.errors = static_cast<int>(std::lround(in.failures * depth));
  sample.writer_busy_share = in.writer;
  sample.ready_waiting_mean = in.ready;
  sample.decode_busy_share = in.decode;
  sample.blobs_waiting_mean = in.blobs;
  sample.slots_in_use_mean = in.filled * depth;
  sample.chunks_left = static_cast<std::uint64_t>(in.chunks_left);
  if (in.bystander) {
    sample.bystander_ratio = in.bystander;
    sample.bystander_budget = 2;
  }
  return sample;
}

// A controller, and windows for it.
class Play {
 public:
  explicit Play(const DepthLimits& limits) : controller_(limits) {}

  // Only a window that lets a change settle is complete without any time.
  [[nodiscard]] bool settling() const { return controller_.window_complete(1 << 20, Nanoseconds(0)); }

  void settle() {
    if (!settling()) return;
    DepthSample sample = sample_of({}, controller_.depth());
    sample.window = std::chrono::milliseconds(50);
    EXPECT_EQ(controller_.decide(sample).kind, DecisionKind::settle);
    EXPECT_FALSE(settling());
  }

  DepthDecision window(const In& in) {
    settle();
    return controller_.decide(sample_of(in, controller_.depth()));
  }

  void rows(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      for (int i = 0; i < row.times; ++i) {
        const DepthDecision decision = window(row.in);
        const std::string where = fmt::format("{} (window {}): {}", row.what, i + 1, decision.reason);
        EXPECT_EQ(decision_name(decision.kind), decision_name(row.kind)) << where;
        EXPECT_EQ(decision.depth, row.depth) << where;
        EXPECT_EQ(decision.threads, row.threads) << where;
        EXPECT_EQ(decision.depth, controller_.depth()) << where;
        EXPECT_EQ(decision.threads, controller_.threads()) << where;
        EXPECT_FALSE(decision.reason.empty()) << where;
      }
    }
  }

  DepthController& controller() { return controller_; }

 private:
  DepthController controller_;
};

inline void play(const DepthLimits& limits, const std::vector<Row>& rows) { Play(limits).rows(rows); }

// Goodput by depth; the controller plays against it without noise.
using Curve = std::function<double(int)>;

struct Played {
  DecisionKind kind;
  int at;  // the window's depth
  int depth;
};

inline std::vector<Played> play_against(Play& play, int windows, const Curve& rate, In in = {}) {
  std::vector<Played> played;
  for (int i = 0; i < windows; ++i) {
    play.settle();
    const int at = play.controller().depth();
    in.rate = rate(at);
    const DepthDecision decision = play.window(in);
    played.push_back({decision.kind, at, decision.depth});
  }
  return played;
}

inline bool ever(const std::vector<Played>& played, DecisionKind kind) {
  return std::any_of(played.begin(), played.end(), [&](const Played& p) { return p.kind == kind; });
}

// From doubling into holding at `depth`, with a rate of 100.
inline void hold_at(Play& play, int depth) {
  play.rows({{"not filled: held", {.filled = 0.5, .chunks_left = 0}, DecisionKind::hold, depth, 1, 4}});
}

}  // namespace depthfinder::testing_support
