// SPDX-License-Identifier: MIT
// The subcommands, one file each. Each adds its options to the command line and, when it is the one that was
// asked for, hands main() what to run.
#pragma once

#include <functional>
#include <stop_token>

#include <CLI/CLI.hpp>

#include "harness/exit_status.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Runs one command; the error's kind gives the exit status, its message the sentence on standard error.
using Command = std::function<Result<ExitStatus>(const std::stop_token& stop)>;

void add_serve_command(CLI::App& app, Command& chosen);
void add_ingest_command(CLI::App& app, Command& chosen);
void add_restore_command(CLI::App& app, Command& chosen);
void add_sweep_command(CLI::App& app, Command& chosen);
void add_recommend_command(CLI::App& app, Command& chosen);
void add_report_command(CLI::App& app, Command& chosen);
void add_compare_command(CLI::App& app, Command& chosen);
void add_gate_command(CLI::App& app, Command& chosen);
void add_selftest_command(CLI::App& app, Command& chosen);
void add_merge_command(CLI::App& app, Command& chosen);
void add_profile_command(CLI::App& app, Command& chosen);
void add_bystander_command(CLI::App& app, Command& chosen);

}  // namespace depthfinder
