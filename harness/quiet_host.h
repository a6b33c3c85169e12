// SPDX-License-Identifier: MIT
// Is this host quiet enough for the differences asked for? A pure judgement of what host_probe.h measured, so that minutes
// are not spent on a measurement that cannot tell. It knows how much CPU-bound work spreads here, not how the network does.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace depthfinder {

// What was seen before anything of ours ran. Shares are of all CPUs' time.
struct HostNoise {
  int logical_cpus = 1;
  std::optional<double> load_average_1m;  // absent: cannot be read
  std::optional<double> busy_share;       // of other processes; likewise
  std::optional<double> steal_share;      // taken by the hypervisor; likewise
  std::vector<double> probe_s;            // equal pieces of CPU work, one after another
};

inline constexpr double kStealShareMax = 0.05;
inline constexpr double kBusyShareMax = 0.25;
inline constexpr double kLoadPerCpuMax = 1.0;

struct QuietVerdict {
  bool quiet = true;
  double probe_log_sd = 0;            // of ln(time of a piece); 0 with fewer than two
  int blocks_needed = 0;              // for kEffectWanted, by that spread
  std::vector<std::string> findings;  // what is noisy, in words; empty when quiet
};

QuietVerdict judge_host(const HostNoise& noise);

// One line: what is wrong, and what it means for a sweep. Empty when quiet.
std::string noise_line(const QuietVerdict& verdict);

}  // namespace depthfinder
