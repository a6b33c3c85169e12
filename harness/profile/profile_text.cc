// SPDX-License-Identifier: MIT
#include "harness/profile/profile_text.h"

#include <algorithm>

#include "harness/profile/floor.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr std::size_t kColumns = 80;

std::string fitted(std::string line) {
  if (line.size() > kColumns) line = line.substr(0, kColumns - 3) + "...";
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string stage_name(const StageCost& stage) {
  std::string name(stage_kind_name(stage.kind));
  if (stage.compression_ratio) name += fmt::format(" {:.1f}:1", *stage.compression_ratio);
  return name;
}

std::string stage_note(const StageCost& stage, const StageCost& best) {
  if (stage.kind != StageKind::sha256) return stage.note;
  return stage.kernel + (&stage == &best ? " (best)" : "");
}

std::string stage_line(const StageCost& stage, const StageCost& best) {
  return fitted(fmt::format("{:<14} {:>8.4f} {:>7.2f} {:>7.0f}%  {}", stage_name(stage), stage.ns_per_byte,
                            1 / stage.ns_per_byte, 100 * stage.spread_ratio, stage_note(stage, best)));
}

}  // namespace

std::string profile_text(const Profile& profile) {
  const HostInfo& host = profile.host;
  std::string text =
      fitted(fmt::format("{}, {} logical CPU{}, load {:.1f}", host.cpu_model.empty() ? "CPU" : host.cpu_model,
                         host.logical_cpus, host.logical_cpus == 1 ? "" : "s", host.load_average_1m));
  text += fitted(fmt::format("per core, CPU time; {} chunks, memory-cold over {}; median of {} round{}",
                             format_byte_count(kProfileChunkBytes), format_byte_count(profile.cold_bytes),
                             profile.rounds, profile.rounds == 1 ? "" : "s"));
  text += fitted(fmt::format("\n{:<14} {:>8} {:>7} {:>8}  {}", "stage", "ns/byte", "GB/s", "spread", "how"));
  for (const StageCost& stage : profile.stages) text += stage_line(stage, best_sha256(profile));
  text += fitted(fmt::format("\n{:<26} {:>8} {:>7}", "floor of a restore to null", "ns/byte", "s/GiB"));
  for (const FloorCase& each : floor_cases(profile))
    text += fitted(fmt::format("{:<26} {:>8.4f} {:>7.3f}", each.name, each.ns_per_byte,
                               each.ns_per_byte * 1e-9 * 0x1.0p30));
  return text;
}

}  // namespace depthfinder
