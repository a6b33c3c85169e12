// SPDX-License-Identifier: MIT
#include "scenarios/bystander_budget.h"

#include <charconv>

namespace depthfinder {
namespace {

constexpr BystanderPercentile kPercentiles[] = {BystanderPercentile::p50, BystanderPercentile::p99,
                                                BystanderPercentile::p999};
constexpr std::size_t kCommandMax = 4000;
constexpr double kFactorMax = 1000;

tl::unexpected<Error> refuse(std::string_view text) {
  return fail(
      ErrorKind::bad_input,
      "bystander budget '{}' is none: write p50, p99 or p999, '<', a factor above 1 and at most {:.0f}, "
      "and 'x', such as p99<2x",
      text, kFactorMax);
}

}  // namespace

Result<std::string> parse_bystander_text(std::string_view text) {
  for (const std::string_view kind : {"cpu", "sync-write", "both"})
    if (text == kind) return std::string(text);
  const bool is_command = text.starts_with(kBystanderCommand) &&
                          text.find_first_not_of(" \t", kBystanderCommand.size()) != std::string_view::npos;
  if (!is_command)
    return fail(ErrorKind::bad_input, "bystander '{}' is none: write cpu, sync-write, both, or command:CMD",
                text);
  if (text.size() > kCommandMax)
    return fail(ErrorKind::bad_input, "the bystander's command has {} characters, more than {}", text.size(),
                kCommandMax);
  return std::string(text);
}

std::string_view percentile_name(BystanderPercentile percentile) {
  switch (percentile) {
    case BystanderPercentile::p50:
      return "p50";
    case BystanderPercentile::p99:
      return "p99";
    case BystanderPercentile::p999:
      return "p999";
  }
  return "p99";
}

Result<BystanderBudget> parse_bystander_budget(std::string_view text) {
  const std::size_t less = text.find('<');
  if (less == std::string_view::npos || !text.ends_with('x')) return refuse(text);
  const std::string_view name = text.substr(0, less);
  const char* const begin = text.data() + less + 1;
  const char* const end = text.data() + text.size() - 1;
  BystanderBudget budget;
  const auto [stop, code] = std::from_chars(begin, end, budget.factor, std::chars_format::fixed);
  const bool in_range = budget.factor > 1 && budget.factor <= kFactorMax;  // false for what is not a number
  if (code != std::errc() || stop != end || !in_range) return refuse(text);
  for (const BystanderPercentile percentile : kPercentiles) {
    if (name != percentile_name(percentile)) continue;
    budget.percentile = percentile;
    return budget;
  }
  return refuse(text);
}

std::string bystander_budget_text(const BystanderBudget& budget) {
  return fmt::format("{}<{}x", percentile_name(budget.percentile), budget.factor);
}

}  // namespace depthfinder
