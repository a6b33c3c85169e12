// SPDX-License-Identifier: MIT
// Scenario: one experiment as data, that is, which image is restored from which server, and which settings
// are compared. A plain value: whoever loads it owns it, any thread may read it. It starts nothing and knows
// no clock; loading is in scenario_loader.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/clock.h"
#include "scenarios/bystander_budget.h"
#include "scenarios/cell.h"
#include "scenarios/server_spec.h"

namespace depthfinder {

// The synthetic image of the mock, or what `--synthetic` takes.
struct ImageSpec {
  std::uint64_t size_bytes = 0;
  double zeros = 0;       // share of all-zero chunks, 0..1
  double duplicates = 0;  // share of the other chunks that repeat an earlier one, 0..1
  double compress = 1;    // zstd ratio aimed at; 1 is incompressible
  std::uint64_t seed = 1;
  bool encrypt = false;  // with a key made for the run
};

// What restored bytes are written to, apart from the null sink: a target that takes its time.
struct TargetSpec {
  Nanoseconds latency{0};       // per write
  double rate_bytes_per_s = 0;  // 0: no limit
  friend bool operator==(const TargetSpec&, const TargetSpec&) = default;
};

struct Axes {
  std::vector<std::string> strategy{"spawned"};
  std::vector<int> depth{16};   // items may be kAuto, for "pipelined" only
  std::vector<int> threads{4};  // likewise
  std::vector<int> connections{1};
  std::vector<ShaNi> sha_ni{ShaNi::on};
  std::vector<Vectors> vectors{Vectors::all};
  std::vector<int> writers{1};
  std::vector<Buffers> buffers{Buffers::pool};
  std::vector<int> chunk_cache{0};
  std::vector<std::uint64_t> http2_window_bytes{kHttp2WindowDefault};
  std::vector<std::uint64_t> http2_frame_bytes{kHttp2FrameDefault};
  friend bool operator==(const Axes&, const Axes&) = default;
};

struct Scenario {
  std::string name;   // [a-z0-9-]+, the file's name without .json
  std::string title;  // one line
  std::string about;  // what it stands for and what it does not model
  std::string sources;
  ImageSpec image;
  ServerSpec server;
  TargetSpec target;
  Axes axes;
  int blocks = 10;
  std::uint64_t seed = 1;
  std::uint64_t memory_budget_bytes = 256ULL << 20;  // for chunk buffers, depth x 2 x chunk size
  std::optional<Nanoseconds> time_budget;
  std::string
      bystander;  // what runs beside every restore, as parse_bystander_text() takes it; empty: nothing
  std::optional<BystanderBudget> bystander_budget;
};

// The product of the axes, the last of them fastest, each as its strategy would run it (runnable() in cell.h); cells that
// thereby coincide are made once.
std::vector<Cell> expand_cells(const Scenario& scenario);

}  // namespace depthfinder
