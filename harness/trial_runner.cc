// SPDX-License-Identifier: MIT
#include "harness/trial_runner.h"

#include "harness/restore_summary.h"
#include "harness/trial_cpu.h"
#include "scenarios/exact_units.h"

namespace depthfinder {
namespace {

// As the restore command takes it.
std::string target_text(const TargetSpec& target) {
  if (target == TargetSpec{}) return "null";
  return fmt::format("slow:latency={},rate={}", exact_duration(target.latency),
                     exact_rate(target.rate_bytes_per_s));
}

void add(std::vector<std::string>& arguments, const char* flag, std::string value) {
  arguments.emplace_back(flag);
  arguments.push_back(std::move(value));
}

// Flags for what is not the default only.
void add_variants(std::vector<std::string>& arguments, const Cell& cell) {
  const Cell plain;
  if (cell.threads != 0) add(arguments, "--threads", count_or_auto(cell.threads));
  if (cell.strategy == "pipelined") add(arguments, "--writers", std::to_string(cell.writers));
  if (cell.buffers != plain.buffers) add(arguments, "--buffers", std::string(buffers_name(cell.buffers)));
  if (cell.chunk_cache != plain.chunk_cache)
    add(arguments, "--chunk-cache", std::to_string(cell.chunk_cache));
  if (cell.http2_window_bytes != plain.http2_window_bytes)
    add(arguments, "--http2-window", exact_bytes(cell.http2_window_bytes));
  if (cell.http2_frame_bytes != plain.http2_frame_bytes)
    add(arguments, "--http2-frame", exact_bytes(cell.http2_frame_bytes));
}

Trial outcome(const Cell& cell, TrialOutcome outcome, std::string reason) {
  Trial trial;
  trial.cell_id = cell.id;
  trial.outcome = outcome;
  trial.reason = std::move(reason);
  return trial;
}

std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

}  // namespace

std::vector<std::string> restore_arguments(const Cell& cell, const Scenario& scenario,
                                           const MockAccess& access, const std::filesystem::path& keyfile) {
  std::vector<std::string> arguments = {"restore",       access.snapshot,
                                        access.archive,  target_text(scenario.target),
                                        "--repository",  access.repository,
                                        "--strategy",    cell.strategy,
                                        "--depth",       count_or_auto(cell.depth),
                                        "--connections", std::to_string(cell.connections),
                                        "--json",        "--quiet",
                                        "--floor",       "stored"};
  if (!access.fingerprint.empty()) add(arguments, "--fingerprint", access.fingerprint);
  add_variants(arguments, cell);
  if (!scenario.bystander.empty()) add(arguments, "--bystander", scenario.bystander);
  if (!keyfile.empty()) add(arguments, "--keyfile", keyfile.string());
  return arguments;
}

ChildSpec restore_child(const std::string& program, const Cell& cell, const Scenario& scenario,
                        const MockAccess& access, const std::filesystem::path& keyfile) {
  ChildSpec spec;
  spec.program = program;
  spec.arguments = restore_arguments(cell, scenario, access, keyfile);
  // The password goes by the environment, where the process list does not show it and the child cleanses it.
  spec.secrets = {{"PBS_PASSWORD", access.password}};
  spec.environment = {{"PBS_RESTORE_FETCH_CONCURRENCY", std::nullopt},
                      {"PBS_RESTORE_MAX_THREADS", std::nullopt},
                      {"OPENSSL_ia32cap", cpu_mask(cpu_state(cell))}};
  return spec;
}

namespace {

ProgramTrial outcome_of(const Cell& cell, TrialOutcome kind, std::string reason) {
  return {outcome(cell, kind, std::move(reason))};
}

}  // namespace

ProgramTrial run_restore_child(const Cell& cell, const ChildSpec& spec, std::chrono::milliseconds timeout,
                               const std::stop_token& stop) {
  auto child = ChildProcess::start(spec);
  if (!child) return outcome_of(cell, TrialOutcome::failed, child.error().message);
  const auto finished = child->wait(timeout, stop);
  if (!finished) {
    const bool cancelled = finished.error().kind == ErrorKind::cancelled;
    return outcome_of(cell, cancelled ? TrialOutcome::cancelled : TrialOutcome::failed,
                      finished.error().message);
  }
  ProgramTrial result{{}, finished->exit_status, finished->elapsed_s};
  if (finished->exit_status != 0) {
    result.trial = outcome(
        cell, TrialOutcome::failed,
        fmt::format("restore ended with status {}: {}", finished->exit_status, last_line(finished->errors)));
    return result;
  }
  auto metrics = read_restore_summary(finished->output);
  if (!metrics) {
    result.trial = outcome(cell, TrialOutcome::failed, metrics.error().message);
    return result;
  }

  // The kernel's account of the whole child, which is a little more than the restore knows of itself.
  metrics->cpu_user_s = finished->cpu_user_s;
  metrics->cpu_sys_s = finished->cpu_sys_s;

  const std::optional<std::string> fault = mask_fault(cell, *metrics);
  result.trial = outcome(cell, fault ? TrialOutcome::invalid : TrialOutcome::ok, fault.value_or(""));
  result.trial.metrics = *metrics;
  return result;
}

ProgramTrial run_program_trial(const TrialProgram& program, const Cell& cell, const Scenario& scenario,
                               MockProcess& mock, const std::filesystem::path& keyfile, Timeline timeline,
                               const std::stop_token& stop) {
  // What came before, start-up or another trial's last breath, is not this trial's: taken, and thrown away.
  const bool begins_anew = mock.take_audit(stop).has_value();
  const std::optional<double> mock_cpu_before = mock.cpu_s();
  ProgramTrial result = run_restore_child(
      cell, restore_child(program.path, cell, scenario, mock.access(), keyfile), program.timeout, stop);
  const std::optional<double> mock_cpu_after = mock.cpu_s();
  if (result.trial.metrics && mock_cpu_before && mock_cpu_after)
    result.trial.metrics->mock_cpu_s = *mock_cpu_after - *mock_cpu_before;
  if (begins_anew && timeline == Timeline::kept && result.trial.outcome == TrialOutcome::ok)
    if (auto rows = mock.timeline(stop)) result.trial.timeline = std::move(*rows);
  auto audit = mock.take_audit(stop);  // which starts the mock's log anew
  if (begins_anew && audit) result.trial.audit = std::move(*audit);
  return result;
}

Trial run_trial(const Cell& cell, const Scenario& scenario, MockProcess& mock,
                const std::filesystem::path& keyfile, Timeline timeline, const std::stop_token& stop) {
  return run_program_trial({own_program()}, cell, scenario, mock, keyfile, timeline, stop).trial;
}

}  // namespace depthfinder
