// SPDX-License-Identifier: MIT
#include "reports/gate_looks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/tools/roots.hpp>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

constexpr double kRoot2 = std::numbers::sqrt2;
// A normal variable stays within, for all that matters here: P beyond is 1e-23.
constexpr double kFarZ = 10;

double upper_tail(double z) { return std::erfc(z / kRoot2) / 2; }
double density(double z) { return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / kRoot2; }

double z_of(double p_value) {
  if (p_value <= upper_tail(kFarZ)) return kFarZ;
  if (p_value >= upper_tail(-kFarZ)) return -kFarZ;
  return boost::math::quantile(boost::math::complement(boost::math::normal(), p_value));
}

}  // namespace

// Z2 = (Z1 + Z') / sqrt(2) with Z' of the second half, so that Z2 > c is Z1 + Z' > b with b = c sqrt(2):
// P = Q(b) + integral to b of phi(x) Q(b - x), by Simpson's rule.
double looks_error(double c) {
  constexpr int kSteps = 200;  // even; good for five digits
  const double b = c * kRoot2;
  const double from = -kFarZ;
  if (b <= from) return 1;
  const double step = (b - from) / kSteps;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double x = from + i * step;
    const double weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * density(x) * upper_tail(b - x);
  }
  return std::min(1.0, upper_tail(b) + sum * step / 3);
}

double looks_boundary(double error) {
  DF_CHECK(error >= 1e-9 && error <= 0.5);
  const auto excess = [error](double c) { return std::log(looks_error(c) / error); };
  std::uintmax_t iterations = 100;
  const auto bracket = boost::math::tools::toms748_solve(
      excess, 0.0, kFarZ / kRoot2, boost::math::tools::eps_tolerance<double>(40), iterations);
  return bracket.second;
}

LookLevels look_levels(double error) {
  const double c = looks_boundary(error);
  return {upper_tail(c * kRoot2), upper_tail(c)};
}

double first_look_p_value(double nominal_p_value) { return looks_error(z_of(nominal_p_value) / kRoot2); }
double last_look_p_value(double nominal_p_value) { return looks_error(z_of(nominal_p_value)); }

}  // namespace depthfinder
