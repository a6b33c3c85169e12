// SPDX-License-Identifier: MIT
// What a restore may cost a bystander, that is, periodic work beside it that stands for the other guests of the host:
// which one runs, and how many times slower it may become. Values and their texts; pure, any thread. Nothing is started
// or measured here.
#pragma once

#include <string>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

// "cpu", "sync-write", "both", or "command:CMD", as `restore --bystander` takes it. Errors: bad_input.
Result<std::string> parse_bystander_text(std::string_view text);
inline constexpr std::string_view kBystanderCommand = "command:";

enum class BystanderPercentile { p50, p99, p999 };

// The time of the bystander's work at that percentile, beside the restore, stays below `factor` times what it is alone.
struct BystanderBudget {
  BystanderPercentile percentile = BystanderPercentile::p99;
  double factor = 2;
  friend bool operator==(const BystanderBudget&, const BystanderBudget&) = default;
};

// "p50<1.2x", "p99<2x", "p999<10x"; the factor is above 1 and at most 1000. Errors: bad_input.
Result<BystanderBudget> parse_bystander_budget(std::string_view text);
// The same text again.
std::string bystander_budget_text(const BystanderBudget& budget);

std::string_view percentile_name(BystanderPercentile percentile);  // "p50", "p99", "p999"

}  // namespace depthfinder
