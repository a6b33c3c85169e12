// SPDX-License-Identifier: MIT
#include "reports/gate_rule.h"

#include <algorithm>
#include <cmath>

#include "reports/gate_looks.h"
#include "reports/paired.h"
#include "reports/statistics.h"

namespace depthfinder {
namespace {

constexpr double kRanksLevel = 0.05;  // at which Wilcoxon must agree that there is a slowdown

int size_of(const PairDifferences& d) { return static_cast<int>(d.size()); }

bool reached_first_look(const PairDifferences& d, const GateRule& rule) {
  return size_of(d) >= rule.first_look;
}

// The level of the look that `d` has reached: what comes after the first is the last.
double nominal_level(const PairDifferences& d, const LookLevels& levels, const GateRule& rule) {
  return size_of(d) <= rule.first_look ? levels.first : levels.last;
}

double repeated_p_value(const PairDifferences& d, const GateRule& rule) {
  if (!reached_first_look(d, rule)) return 1;
  const double bound = std::log1p(rule.margin);
  const std::span<const double> first(d.data(), static_cast<std::size_t>(rule.first_look));
  double p_value = first_look_p_value(mean_excess_p_value(first, bound));
  if (size_of(d) > rule.first_look)
    p_value = std::min(p_value, last_look_p_value(mean_excess_p_value(d, bound)));
  return p_value;
}

// The check by ranks: a mean that a few pairs have pulled away proves nothing, in either direction. How large a change is
// may be in doubt where there is no doubt that it is one.
bool has_outliers(const PairDifferences& d, bool rejected, const GateRule& rule) {
  const double center = hodges_lehmann(d);
  const double margin = std::log1p(rule.margin);
  const double apart = std::fabs(mean(d) - center);
  if (rejected)
    return center - margin <= std::max(0.0, apart - std::log1p(rule.outlier_effect) / 2) ||
           signed_rank_p_value(d, margin) > kRanksLevel;
  return apart > std::log1p(rule.outlier_effect) / 2;
}

bool is_surely_below(const PairDifferences& d, double level, const GateRule& rule) {
  return mean_upper_bound(d, 1 - level) < std::log1p(rule.margin + rule.pass_slack);
}

// With the noise seen, the pairs of the last look, and a nominal level.
double power_of(double noise, double level, const GateRule& rule) {
  const double effect = std::log1p(rule.margin + rule.pass_slack) - std::log1p(rule.margin);
  const double error = noise / std::sqrt(static_cast<double>(rule.last_look));
  if (error <= 0) return 1;
  return t_test_power(effect / error, rule.last_look - 1, level);
}

FigureJudgement measures_of(const PairDifferences& d, const LookLevels& levels, const GateRule& rule) {
  FigureJudgement judgement;
  judgement.pairs = size_of(d);
  if (d.empty()) return judgement;
  judgement.change = std::expm1(mean(d));
  judgement.change_ranks = std::expm1(hodges_lehmann(d));
  judgement.noise = standard_deviation(d);
  judgement.p_ranks = signed_rank_p_value(d, std::log1p(rule.margin));
  judgement.p_value = repeated_p_value(d, rule);
  if (d.size() < 2) return judgement;
  const double level = nominal_level(d, levels, rule);
  judgement.low = std::expm1(mean_lower_bound(d, 1 - level));
  judgement.high = std::expm1(mean_upper_bound(d, 1 - level));
  return judgement;
}

void conclude(FigureJudgement& judgement, GateVerdict verdict, GateDoubt doubt) {
  judgement.verdict = verdict;
  judgement.doubt = doubt;
}

void decide(FigureJudgement& judgement, const PairDifferences& d, const LookLevels& levels,
            const GateRule& rule) {
  if (!reached_first_look(d, rule))
    return conclude(judgement, GateVerdict::inconclusive, GateDoubt::too_few_pairs);
  const bool rejected = judgement.p_holm <= rule.family_error;
  if (has_outliers(d, rejected, rule))
    return conclude(judgement, GateVerdict::inconclusive, GateDoubt::outliers);
  if (rejected) return conclude(judgement, GateVerdict::regression, GateDoubt::none);
  if (is_surely_below(d, nominal_level(d, levels, rule), rule))
    return conclude(judgement, GateVerdict::pass, GateDoubt::none);
  const bool more_was_planned = size_of(d) <= rule.first_look;
  conclude(judgement, GateVerdict::inconclusive,
           more_was_planned ? GateDoubt::cut_short : GateDoubt::too_noisy);
}

}  // namespace

std::string_view gate_verdict_name(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::pass:
      return "pass";
    case GateVerdict::regression:
      return "regression";
    case GateVerdict::inconclusive:
      break;
  }
  return "inconclusive";
}

std::string_view gate_doubt_name(GateDoubt doubt) {
  switch (doubt) {
    case GateDoubt::none:
      return "none";
    case GateDoubt::too_few_pairs:
      return "too_few_pairs";
    case GateDoubt::outliers:
      return "outliers";
    case GateDoubt::too_noisy:
      return "too_noisy";
    case GateDoubt::cut_short:
      return "cut_short";
    case GateDoubt::mock_off_target:
      return "mock_off_target";
    case GateDoubt::not_confirmed:
      break;
  }
  return "not_confirmed";
}

bool gate_is_decided(std::span<const PairDifferences> figures, int hypotheses, const GateRule& rule) {
  const int pairs = size_of(figures.front());
  if (pairs >= rule.last_look) return true;
  if (pairs != rule.first_look) return false;
  const LookLevels levels = look_levels(rule.family_error);
  bool all_pass = true;
  for (const PairDifferences& d : figures) {
    const bool rejected = repeated_p_value(d, rule) <= rule.family_error / hypotheses;
    const bool outliers = has_outliers(d, rejected, rule);
    if (rejected && !outliers) return true;
    all_pass = all_pass && !outliers && is_surely_below(d, levels.first, rule);
  }
  return all_pass;
}

std::vector<FigureJudgement> judge_figures(std::span<const PairDifferences> figures, const GateRule& rule) {
  const LookLevels levels = look_levels(rule.family_error);
  std::vector<FigureJudgement> judgements;
  std::vector<double> p_values;
  for (const PairDifferences& d : figures) {
    judgements.push_back(measures_of(d, levels, rule));
    p_values.push_back(judgements.back().p_value);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  const double least_level = look_levels(rule.family_error / static_cast<double>(figures.size())).last;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    judgements[i].p_holm = adjusted[i];
    judgements[i].power = power_of(judgements[i].noise, least_level, rule);
    decide(judgements[i], figures[i], levels, rule);
  }
  return judgements;
}

bool is_confirmed(const PairDifferences& fresh, const GateRule& rule) {
  return reached_first_look(fresh, rule) &&
         mean_excess_p_value(fresh, std::log1p(rule.margin)) <= rule.confirm_error;
}

}  // namespace depthfinder
