// SPDX-License-Identifier: MIT
#include "harness/bystander/command_run.h"

#include <csignal>

#include <sys/wait.h>

#include "harness/spawn.h"

namespace depthfinder {
namespace {

// A run in progress may still end and count when the parent has seen enough.
constexpr std::chrono::seconds kGrace{5};

}  // namespace

Result<void> run_command(const std::string& command, ControlInput& control) {
  DF_ASSIGN(const pid_t pid, spawn({.program = "/bin/sh", .arguments = {"-c", command}, .own_group = true}));
  const auto ended = process_fd(pid);
  const bool in_time = ended && control.wait_for(ended->get(), kGrace);
  if (!in_time) ::kill(-pid, SIGKILL);
  const int status = reap(pid);
  if (!ended) return pass_on(ended.error());
  if (!in_time) return fail(ErrorKind::cancelled, "interrupted");
  const int exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (exit_status != 0)
    return fail(ErrorKind::io, "the bystander's command ended with status {}: {}", exit_status, command);
  return {};
}

}  // namespace depthfinder
