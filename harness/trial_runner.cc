// SPDX-License-Identifier: MIT
#include "harness/trial_runner.h"

#include "harness/restore_summary.h"
#include "scenarios/exact_units.h"

namespace depthfinder {
namespace {

constexpr std::chrono::minutes kTrialTimeout{30};

// As the restore command takes it.
std::string target_text(const TargetSpec& target) {
  if (target == TargetSpec{}) return "null";
  return fmt::format("slow:latency={},rate={}", exact_duration(target.latency),
                     exact_rate(target.rate_bytes_per_s));
}

ChildSpec restore_child(const Cell& cell, const TargetSpec& target, const MockAccess& access,
                        const std::filesystem::path& keyfile) {
  ChildSpec spec;
  spec.program = own_program();
  spec.arguments = {"restore",       access.snapshot,
                    access.archive,  target_text(target),
                    "--repository",  access.repository,
                    "--fingerprint", access.fingerprint,
                    "--strategy",    cell.strategy,
                    "--depth",       std::to_string(cell.depth),
                    "--connections", std::to_string(cell.connections),
                    "--json",        "--quiet"};
  if (cell.threads > 0) {
    spec.arguments.emplace_back("--threads");
    spec.arguments.push_back(std::to_string(cell.threads));
  }
  if (!keyfile.empty()) {
    spec.arguments.emplace_back("--keyfile");
    spec.arguments.push_back(keyfile.string());
  }
  // The password goes by the environment, where the process list does not show it.
  spec.environment = {{"PBS_PASSWORD", access.password},
                      {"PBS_RESTORE_FETCH_CONCURRENCY", std::nullopt},
                      {"PBS_RESTORE_MAX_THREADS", std::nullopt},
                      {"OPENSSL_ia32cap", std::nullopt}};
  if (cell.sha_ni == ShaNi::off) spec.environment.back().second = kShaNiMask;
  return spec;
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

std::optional<std::string> mask_fault(const Cell& cell, const TrialMetrics& metrics) {
  const bool used_sha_ni = metrics.sha256_kernel.find("sha-ni") != std::string::npos;
  if (cell.sha_ni == ShaNi::on && !used_sha_ni)
    return fmt::format("SHA-NI was asked for, but the restore hashed with {}", metrics.sha256_kernel);
  if (cell.sha_ni == ShaNi::off && used_sha_ni)
    return fmt::format("SHA-NI was to be masked, but the restore hashed with {}", metrics.sha256_kernel);
  return std::nullopt;
}

namespace {

Trial run_restore(const Cell& cell, const TargetSpec& target, const MockProcess& mock,
                  const std::filesystem::path& keyfile, const std::stop_token& stop) {
  const std::optional<double> mock_cpu_before = mock.cpu_s();
  auto child = ChildProcess::start(restore_child(cell, target, mock.access(), keyfile));
  if (!child) return outcome(cell, TrialOutcome::failed, child.error().message);
  const auto finished = child->wait(kTrialTimeout, stop);
  if (!finished) {
    const bool cancelled = finished.error().kind == ErrorKind::cancelled;
    return outcome(cell, cancelled ? TrialOutcome::cancelled : TrialOutcome::failed,
                   finished.error().message);
  }
  if (finished->exit_status != 0)
    return outcome(
        cell, TrialOutcome::failed,
        fmt::format("restore ended with status {}: {}", finished->exit_status, last_line(finished->errors)));
  auto metrics = read_restore_summary(finished->output);
  if (!metrics) return outcome(cell, TrialOutcome::failed, metrics.error().message);

  // The kernel's account of the whole child, which is a little more than the restore knows of itself.
  metrics->cpu_user_s = finished->cpu_user_s;
  metrics->cpu_sys_s = finished->cpu_sys_s;
  const std::optional<double> mock_cpu_after = mock.cpu_s();
  if (mock_cpu_before && mock_cpu_after) metrics->mock_cpu_s = *mock_cpu_after - *mock_cpu_before;

  const std::optional<std::string> fault = mask_fault(cell, *metrics);
  Trial trial = outcome(cell, fault ? TrialOutcome::invalid : TrialOutcome::ok, fault.value_or(""));
  trial.metrics = *metrics;
  return trial;
}

}  // namespace

Trial run_trial(const Cell& cell, const TargetSpec& target, MockProcess& mock,
                const std::filesystem::path& keyfile, const std::stop_token& stop) {
  // What came before, start-up or another trial's last breath, is not this trial's: taken, and thrown away.
  const bool begins_anew = mock.take_audit(stop).has_value();
  Trial trial = run_restore(cell, target, mock, keyfile, stop);
  auto audit = mock.take_audit(stop);
  if (begins_anew && audit) trial.audit = std::move(*audit);
  return trial;
}

}  // namespace depthfinder
