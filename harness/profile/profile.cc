// SPDX-License-Identifier: MIT
#include "harness/profile/profile.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

// What tells two stages of a profile apart.
std::string stage_title(const StageCost& stage) {
  std::string title(stage_kind_name(stage.kind));
  if (stage.compression_ratio) title += fmt::format(" at ratio {:.3g}", *stage.compression_ratio);
  if (!stage.kernel.empty()) title += " by " + stage.kernel;
  return title;
}

bool is_cost(double value) { return std::isfinite(value) && value > 0; }

Result<void> check_stage(const StageCost& stage) {
  const std::string title = stage_title(stage);
  if (!is_cost(stage.ns_per_byte) || !std::isfinite(stage.spread_ratio) || stage.spread_ratio < 0)
    return fail(ErrorKind::bad_input, "stage {} has no cost above 0", title);
  if ((stage.kind == StageKind::zstd) != stage.compression_ratio.has_value() ||
      (stage.compression_ratio && (!std::isfinite(*stage.compression_ratio) || *stage.compression_ratio < 1)))
    return fail(ErrorKind::bad_input, "stage {}: zstd, and only zstd, has a ratio of 1 or more", title);
  if ((stage.kind == StageKind::sha256) == stage.kernel.empty() || stage.lanes < 1)
    return fail(ErrorKind::bad_input, "stage {}: sha256, and only sha256, has a kernel with lanes", title);
  return {};
}

}  // namespace

std::string_view stage_kind_name(StageKind kind) {
  switch (kind) {
    case StageKind::tls_receive:
      return "tls-receive";
    case StageKind::crc32:
      return "crc32";
    case StageKind::aes_256_gcm:
      return "aes-256-gcm";
    case StageKind::zstd:
      return "zstd";
    case StageKind::sha256:
      return "sha256";
    case StageKind::memory_copy:
      return "memory-copy";
    case StageKind::file_write:
      return "file-write";
    case StageKind::fresh_memory:
      return "fresh-memory";
    case StageKind::zero_scan:
      return "zero-scan";
  }
  return "";
}

Result<void> check_profile(const Profile& profile) {
  std::set<std::string> titles;
  for (const StageCost& stage : profile.stages) {
    DF_TRY(check_stage(stage));
    if (const std::string title = stage_title(stage); !titles.insert(title).second)
      return fail(ErrorKind::bad_input, "stage {} is there twice", title);
  }
  for (const StageKind kind : kStageKinds)
    if (std::none_of(profile.stages.begin(), profile.stages.end(),
                     [kind](const StageCost& stage) { return stage.kind == kind; }))
      return fail(ErrorKind::bad_input, "stage {} is missing", stage_kind_name(kind));
  return {};
}

double stage_ns_per_byte(const Profile& profile, StageKind kind) {
  DF_CHECK(kind != StageKind::zstd && kind != StageKind::sha256);
  const auto stage = std::find_if(profile.stages.begin(), profile.stages.end(),
                                  [kind](const StageCost& each) { return each.kind == kind; });
  DF_CHECK(stage != profile.stages.end());
  return stage->ns_per_byte;
}

const StageCost& best_sha256(const Profile& profile) {
  const StageCost* best = nullptr;
  for (const StageCost& stage : profile.stages)
    if (stage.kind == StageKind::sha256 && (best == nullptr || stage.ns_per_byte < best->ns_per_byte))
      best = &stage;
  DF_CHECK(best != nullptr);
  return *best;
}

double zstd_ns_per_byte(const Profile& profile, double compression_ratio) {
  DF_CHECK(compression_ratio > 0);
  std::vector<std::pair<double, double>> points;  // 1 / ratio, cost
  for (const StageCost& stage : profile.stages)
    if (stage.kind == StageKind::zstd) points.emplace_back(1 / *stage.compression_ratio, stage.ns_per_byte);
  DF_CHECK(!points.empty());
  std::sort(points.begin(), points.end());
  const double at = 1 / compression_ratio;
  const auto right =
      std::find_if(points.begin(), points.end(), [at](const auto& p) { return p.first >= at; });
  if (right == points.begin()) return points.front().second;
  if (right == points.end()) return points.back().second;
  const auto left = right - 1;
  const double share = (at - left->first) / (right->first - left->first);
  return left->second + share * (right->second - left->second);
}

}  // namespace depthfinder
