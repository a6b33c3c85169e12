// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_stats.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kP999SamplesMin = 1000;
// Samples are reported to 0.1 us: nothing is shorter than the least that can be told apart.
constexpr double kShortestMs = 1e-4;

// In thousandths, since 0.99 * 100 is more than 99 in floating point.
double nearest_rank(std::span<const double> sorted, std::size_t thousandths) {
  return sorted[(sorted.size() * thousandths + 999) / 1000 - 1];
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

std::optional<double> BystanderStats::at(BystanderPercentile percentile) const {
  switch (percentile) {
    case BystanderPercentile::p50:
      return p50_ms;
    case BystanderPercentile::p99:
      return p99_ms;
    case BystanderPercentile::p999:
      break;
  }
  return p999_ms;
}

std::optional<BystanderStats> bystander_stats(std::span<const double> samples_ms) {
  if (samples_ms.empty()) return std::nullopt;
  std::vector<double> sorted(samples_ms.begin(), samples_ms.end());
  std::sort(sorted.begin(), sorted.end());
  BystanderStats stats;
  stats.samples = sorted.size();
  stats.p50_ms = nearest_rank(sorted, 500);
  stats.p99_ms = nearest_rank(sorted, 990);
  if (stats.samples >= kP999SamplesMin) stats.p999_ms = nearest_rank(sorted, 999);
  stats.max_ms = sorted.back();
  return stats;
}

std::optional<double> bystander_ratio(const BystanderStats& alone, const BystanderStats& beside,
                                      BystanderPercentile percentile) {
  const std::optional<double> base_ms = alone.at(percentile);
  const std::optional<double> beside_ms = beside.at(percentile);
  if (!base_ms || !beside_ms) return std::nullopt;
  return *beside_ms / std::max(*base_ms, kShortestMs);
}

BystanderComparison compare_bystander(std::string kind, const BystanderStats& alone,
                                      const BystanderStats& beside) {
  DF_CHECK(alone.samples > 0 && beside.samples > 0);
  BystanderComparison comparison{std::move(kind), alone, beside, 0, 0, std::nullopt};
  comparison.ratio_p50 = *bystander_ratio(alone, beside, BystanderPercentile::p50);
  comparison.ratio_p99 = *bystander_ratio(alone, beside, BystanderPercentile::p99);
  comparison.ratio_p999 = bystander_ratio(alone, beside, BystanderPercentile::p999);
  return comparison;
}

Json bystander_stats_json(const BystanderStats& stats) {
  return {{"samples", stats.samples},
          {"p50_ms", stats.p50_ms},
          {"p99_ms", stats.p99_ms},
          {"p999_ms", number_or_null(stats.p999_ms)},
          {"max_ms", stats.max_ms}};
}

Json bystander_json(const BystanderComparison& comparison) {
  return {{"kind", comparison.kind},
          {"alone", bystander_stats_json(comparison.alone)},
          {"beside", bystander_stats_json(comparison.beside)},
          {"ratio_p50", comparison.ratio_p50},
          {"ratio_p99", comparison.ratio_p99},
          {"ratio_p999", number_or_null(comparison.ratio_p999)}};
}

}  // namespace depthfinder
