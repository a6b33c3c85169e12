// SPDX-License-Identifier: MIT
#include "mock_server/model/time_sampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace depthfinder::mock {

namespace {

// Standard normal by Box and Muller's transform; the first uniform is taken from (0, 1].
double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

struct Sampler {
  Random& random;

  Nanoseconds operator()(const ConstantTime& time) const { return time.value; }

  Nanoseconds operator()(const UniformTime& time) const {
    return bounded_time(in_nanoseconds(time.min) + random.uniform() * in_nanoseconds(time.max - time.min));
  }

  Nanoseconds operator()(const ExponentialTime& time) const {
    return bounded_time(-in_nanoseconds(time.mean) * std::log(1 - random.uniform()));
  }

  Nanoseconds operator()(const LogNormalTime& time) const {
    return bounded_time(in_nanoseconds(time.median) * std::exp(time.sigma * normal(random)));
  }

  Nanoseconds operator()(const ParetoTime& time) const {
    const double above_max = std::pow(in_nanoseconds(time.min) / in_nanoseconds(time.max), time.alpha);
    const double power = std::pow(1 - random.uniform() * (1 - above_max), -1 / time.alpha);
    return std::clamp(bounded_time(in_nanoseconds(time.min) * power), time.min, time.max);
  }

  Nanoseconds operator()(const RecordedTime& time) const {
    const auto& points = time.quantiles;
    if (points.empty()) return Nanoseconds(0);
    const double share = random.uniform();
    const auto next = std::upper_bound(points.begin(), points.end(), share,
                                       [](double value, const auto& point) { return value < point.first; });
    if (next == points.begin()) return points.front().second;
    if (next == points.end()) return points.back().second;
    const auto& [share_before, time_before] = *std::prev(next);
    const double along = (share - share_before) / (next->first - share_before);
    return bounded_time(in_nanoseconds(time_before) + along * in_nanoseconds(next->second - time_before));
  }
};

}  // namespace

Nanoseconds bounded_time(double nanoseconds) {
  if (!(nanoseconds > 0)) return Nanoseconds(0);
  return Nanoseconds(std::llround(std::min(nanoseconds, in_nanoseconds(kComputedTimeMax))));
}

Nanoseconds transfer_time(std::uint64_t bytes, double rate_bytes_per_s) {
  if (!(rate_bytes_per_s > 0)) return Nanoseconds(0);
  return bounded_time(static_cast<double>(bytes) / rate_bytes_per_s * 1e9);
}

Nanoseconds sample(const TimeDistribution& distribution, Random& random) {
  return std::visit(Sampler{random}, distribution);
}

}  // namespace depthfinder::mock
