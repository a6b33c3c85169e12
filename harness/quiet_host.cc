// SPDX-License-Identifier: MIT
#include "harness/quiet_host.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/power.h"
#include "reports/statistics.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

std::vector<double> logs(const std::vector<double>& values) {
  std::vector<double> found;
  for (const double value : values)
    if (value > 0) found.push_back(std::log(value));
  return found;
}

}  // namespace

QuietVerdict judge_host(const HostNoise& noise) {
  QuietVerdict verdict;
  const std::vector<double> probes = logs(noise.probe_s);
  if (probes.size() >= 2) verdict.probe_log_sd = standard_deviation(probes);
  // Two trials are compared, each with this spread.
  const double paired_sd = std::sqrt(2.0) * verdict.probe_log_sd;
  verdict.blocks_needed = powered_blocks(paired_sd);
  if (noise.steal_share && *noise.steal_share > kStealShareMax)
    verdict.findings.push_back(
        fmt::format("the hypervisor takes {} of the CPU time", percent(*noise.steal_share)));
  if (noise.busy_share && *noise.busy_share > kBusyShareMax)
    verdict.findings.push_back(fmt::format("other work takes {} of the CPUs", percent(*noise.busy_share)));
  if (noise.load_average_1m && *noise.load_average_1m > kLoadPerCpuMax * noise.logical_cpus)
    verdict.findings.push_back(fmt::format("the load average is {} on {}", number(*noise.load_average_1m, 1),
                                           counted(noise.logical_cpus, "CPU")));
  if (blocks_for(paired_sd, std::log1p(kEffectWanted)) > kPoweredBlocksMax)
    verdict.findings.push_back(
        fmt::format("equal CPU work spreads by {}: {} would show differences of {}, not of {}",
                    percent(verdict.probe_log_sd), counted(kPoweredBlocksMax, "block"),
                    percent(detectable_effect(paired_sd, kPoweredBlocksMax)), percent(kEffectWanted)));
  verdict.quiet = verdict.findings.empty();
  return verdict;
}

std::string noise_line(const QuietVerdict& verdict) {
  if (verdict.quiet) return {};
  return fmt::format("this host is noisy ({}); what follows may need more blocks or not be decided",
                     fmt::join(verdict.findings, "; "));
}

}  // namespace depthfinder
