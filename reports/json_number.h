// SPDX-License-Identifier: MIT
// Figures as JSON numbers. Pure; any thread.
#pragma once

#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

namespace depthfinder {

// Four digits after the point are more than any figure of a recommendation is known to.
inline double rounded(double value) { return std::round(value * 1e4) / 1e4; }

inline nlohmann::ordered_json rounded_or_null(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(rounded(*value)) : nlohmann::ordered_json(nullptr);
}

}  // namespace depthfinder
