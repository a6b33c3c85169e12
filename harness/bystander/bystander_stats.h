// SPDX-License-Identifier: MIT
// BystanderStats: percentiles of a bystander's samples; BystanderComparison: the same alone and beside a restore.
// Pure functions of the samples.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "scenarios/bystander_budget.h"

namespace depthfinder {

// Nearest rank: the smallest sample that at least this share of all samples does not exceed. Below 100 samples p99 is
// therefore the largest; p99.9 is not there below 1000.
struct BystanderStats {
  std::uint64_t samples = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::optional<double> p999_ms;
  double max_ms = 0;

  [[nodiscard]] std::optional<double> at(BystanderPercentile percentile) const;
};

// Nothing where there are no samples.
std::optional<BystanderStats> bystander_stats(std::span<const double> samples_ms);

struct BystanderComparison {
  std::string kind;  // bystander_text() of the spec
  BystanderStats alone;
  BystanderStats beside;
  double ratio_p50 = 0;  // beside over alone
  double ratio_p99 = 0;
  std::optional<double> ratio_p999;  // where both have a p99.9
};

BystanderComparison compare_bystander(std::string kind, const BystanderStats& alone,
                                      const BystanderStats& beside);

// Beside over alone; nothing where one of the two has no such percentile.
std::optional<double> bystander_ratio(const BystanderStats& alone, const BystanderStats& beside,
                                      BystanderPercentile percentile);

// {"samples", "p50_ms", "p99_ms", "p999_ms" or null, "max_ms"}
nlohmann::ordered_json bystander_stats_json(const BystanderStats& stats);

// {"kind", "alone": {...}, "beside": {...}, "ratio_p50", "ratio_p99", "ratio_p999" or null}
nlohmann::ordered_json bystander_json(const BystanderComparison& comparison);

}  // namespace depthfinder
