// SPDX-License-Identifier: MIT
// What `depthfinder sweep` was asked for: the command line as typed, and the options that follow once the scenario, or the
// real server, is known. Plain values.
#pragma once

#include <stop_token>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/sweep_runner.h"

namespace depthfinder {

struct SweepFlags {
  std::string scenario, output, blocks, time_budget, seed;
  // Axes, in place of the scenario's.
  std::string strategy, depth, threads, connections, sha_ni;
  RealServerFlags real;
  std::string bytes_limit = "20GiB";
  bool no_racing = false, resume = false, dry_run = false, list = false;
  bool require_quiet = false, json_lines = false;
};

// Declares the options on `command`; `flags` outlives it.
void add_sweep_flags(CLI::App& command, SweepFlags& flags);

// Logs in to a real server, where one was named. Errors: bad_input; not_found and io of the scenario's file;
// find_real_server()'s.
Result<SweepOptions> sweep_options(const SweepFlags& flags, const std::stop_token& stop);

}  // namespace depthfinder
