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

// Whether OpenSSL may use the CPU's SHA extensions; off is done with OPENSSL_ia32cap in the child's
// environment.
enum class ShaNi { on, off };
std::string_view sha_ni_name(ShaNi sha_ni);  // "on", "off"

struct Axes {
  std::vector<std::string> strategy{"spawned"};
  std::vector<int> depth{16};
  std::vector<int> threads{4};
  std::vector<int> connections{1};
  std::vector<ShaNi> sha_ni{ShaNi::on};
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
};

// One setting to try.
struct Cell {
  std::string id;  // "spawned-d16-t4-c1-shani-on", unique within a scenario
  std::string strategy = "spawned";
  int depth = 1;
  int threads = 0;  // decode workers; 0 for strategies that have none: pass no --threads then
  int connections = 1;
  ShaNi sha_ni = ShaNi::on;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// True for strategies that decode on worker threads of their own, so that `threads` means something.
bool has_decode_workers(std::string_view strategy);

// The threads that decode: the workers, the depth for "threads" (each of its threads fetches and decodes),
// else 1.
int decode_threads(const Cell& cell);

// Memory that `depth` chunks in flight may take: encoded and decoded, 4 MiB each.
std::uint64_t buffer_bytes(const Cell& cell);

// The product of the axes, in their order, the last axis fastest. "sequential" has depth 1 only, strategies
// without workers ignore `threads`, and cells that thereby coincide are made once.
std::vector<Cell> expand_cells(const Scenario& scenario);

}  // namespace depthfinder
