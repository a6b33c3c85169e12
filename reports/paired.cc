// SPDX-License-Identifier: MIT
#include "reports/paired.h"

#include <cmath>
#include <vector>

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "reports/statistics.h"
#include "restore_core/base/check.h"

namespace depthfinder {

double mean_excess_p_value(std::span<const double> d, double bound) {
  if (d.size() < 2) return 1;
  const double excess = mean(d) - bound;
  const double error = standard_deviation(d) / std::sqrt(static_cast<double>(d.size()));
  if (error <= 0) return excess > 0 ? 0 : 1;
  const boost::math::students_t distribution(static_cast<double>(d.size() - 1));
  return boost::math::cdf(boost::math::complement(distribution, excess / error));
}

double hodges_lehmann(std::span<const double> d) {
  DF_CHECK(!d.empty());
  std::vector<double> means;
  means.reserve(d.size() * (d.size() + 1) / 2);
  for (std::size_t i = 0; i < d.size(); ++i)
    for (std::size_t j = i; j < d.size(); ++j) means.push_back((d[i] + d[j]) / 2);
  return median(means);
}

double t_test_power(double effect, double degrees_of_freedom, double level) {
  DF_CHECK(degrees_of_freedom > 0 && level > 0 && level < 1);
  // Far out the series of the non-central distribution is slow and the answer is not in doubt.
  constexpr double kFar = 30;
  const double critical =
      boost::math::quantile(boost::math::complement(boost::math::students_t(degrees_of_freedom), level));
  if (effect > critical + kFar) return 1;
  if (effect < -kFar) return 0;
  return boost::math::cdf(
      boost::math::complement(boost::math::non_central_t(degrees_of_freedom, effect), critical));
}

}  // namespace depthfinder
