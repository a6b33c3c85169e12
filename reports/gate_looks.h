// SPDX-License-Identifier: MIT
// Two looks at growing data, after O'Brien and Fleming (1979): at half of the data a test rejects only far out
// (z = 3.300 for 1 %), at the end almost as if it had been the only one (z = 2.334), and the error of both looks
// together is what was asked for. Pure; any thread.
#pragma once

namespace depthfinder {

// P(Z1 > c sqrt(2) or Z2 > c) without an effect, where Z1 is the statistic at half of the data and Z2 at the end. Where
// the second look comes earlier than planned it is an upper bound.
double looks_error(double c);

// The c with looks_error(c) = `error`, of 1e-9 to 0.5.
double looks_boundary(double error);

// Nominal one-sided levels of the two looks.
struct LookLevels {
  double first = 0, last = 0;
};
LookLevels look_levels(double error);

// The error at which a look with this nominal one-sided p-value would just reject: a p-value that stays valid although
// it is looked at twice (a repeated p-value; Jennison and Turnbull 1999, section 9.3).
double first_look_p_value(double nominal_p_value);
double last_look_p_value(double nominal_p_value);

}  // namespace depthfinder
