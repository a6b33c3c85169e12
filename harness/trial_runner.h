// SPDX-License-Identifier: MIT
// One trial: a fresh `depthfinder restore` process against the mock, with the CPU mask in its environment,
// the proof that the mask took, and the mock's own account of what it served. It judges neither (reports/audit.h).
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/child_process.h"
#include "harness/mock_process.h"
#include "reports/result.h"

namespace depthfinder {

// What the restore is started with: a flag where the cell's value is not the restore's default, strategy, depth and
// connections always.
std::vector<std::string> restore_arguments(const Cell& cell, const Scenario& scenario,
                                           const MockAccess& access, const std::filesystem::path& keyfile);

// The process of such a restore, with the CPU mask that the cell asks for and the password in its environment.
ChildSpec restore_child(const std::string& program, const Cell& cell, const Scenario& scenario,
                        const MockAccess& access, const std::filesystem::path& keyfile);

inline constexpr std::chrono::minutes kTrialTimeout{
    30};  // a restore that takes longer is ended, and has failed

// Whether a valid trial keeps when its first chunks were served.
enum class Timeline { left_out, kept };

// Runs it against the scenario's target and beside its bystander, with the mock's counters and models reset before;
// failures are outcomes, not errors. `block` and `position` are the caller's to fill.
Trial run_trial(const Cell& cell, const Scenario& scenario, MockProcess& mock,
                const std::filesystem::path& keyfile, Timeline timeline, const std::stop_token& stop);

// A trial, and what is known of its process alone.
struct ProgramTrial {
  Trial trial;
  int exit_status = 0;   // of the restore, where it ended by itself
  double elapsed_s = 0;  // from the start of its process to the end
};
// Runs one restore that `child` describes and reads what it says of itself; the part of a trial that knows no mock.
ProgramTrial run_restore_child(const Cell& cell, const ChildSpec& child, std::chrono::milliseconds timeout,
                               const std::stop_token& stop);

// A build of this program, and how long one restore of it may take.
struct TrialProgram {
  std::string path;
  std::chrono::milliseconds timeout = kTrialTimeout;
};
// A trial of another build of this program.
ProgramTrial run_program_trial(const TrialProgram& program, const Cell& cell, const Scenario& scenario,
                               MockProcess& mock, const std::filesystem::path& keyfile, Timeline timeline,
                               const std::stop_token& stop);

}  // namespace depthfinder
