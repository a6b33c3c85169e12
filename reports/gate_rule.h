// SPDX-License-Identifier: MIT
// The gate's rule on bare numbers (METHOD.md): when to stop measuring, and what the pairs say about each figure. Pure and
// deterministic; it knows nothing of processes, builds or words for people.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace depthfinder {

struct GateRule {
  double margin = 0.02;                 // a slowdown up to this is none
  double pass_slack = 0.03;             // it passes when the slowdown is surely below margin + this
  double family_error = 0.01;           // of one false regression among all figures and scenarios of a run
  double confirm_error = 0.05;          // of the second test, on fresh processes, alone
  double outlier_effect = 0.03;         // mean and Hodges-Lehmann may differ by half of this
  int first_look = 10, last_look = 20;  // pairs
};

enum class GateVerdict { pass, regression, inconclusive };
std::string_view gate_verdict_name(GateVerdict verdict);  // "pass", "regression", "inconclusive"

// Why a figure is inconclusive.
enum class GateDoubt {
  none,
  too_few_pairs,    // not even the first look was reached
  outliers,         // the mean and the ranks contradict each other
  too_noisy,        // neither rejected nor surely below
  cut_short,        // another figure decided before this one could
  mock_off_target,  // nothing wrong was seen, but the server was not the one asked for
  not_confirmed,    // fresh processes did not show it again
};
std::string_view gate_doubt_name(GateDoubt doubt);

// What the pairs say about one figure. Ratios are of head over base, of time, CPU time or memory: 0.05 is 5 % worse.
struct FigureJudgement {
  int pairs = 0;
  double change = 0;        // exp(mean d) - 1
  double change_ranks = 0;  // the same by Hodges and Lehmann
  std::optional<double> low,
      high;            // one-sided bounds at the level of the look; absent for fewer than two pairs
  double noise = 0;    // standard deviation of d
  double p_value = 1;  // repeated, of "the slowdown is at most the margin"
  double p_holm = 1;   // adjusted for all figures of the run
  double p_ranks = 1;  // Wilcoxon's, unadjusted
  double power = 0;    // to find a slowdown of margin + pass_slack with the last look's pairs
  GateVerdict verdict = GateVerdict::inconclusive;
  GateDoubt doubt = GateDoubt::too_few_pairs;
};

// One figure's d = ln(head / base), pair by pair in the order measured, positive where head is worse.
using PairDifferences = std::vector<double>;

// At a look: need a scenario's figures no more pairs? True when all pass, when one is rejected whatever the
// other scenarios bring (Bonferroni over `hypotheses`), or after the last look. False between looks.
bool gate_is_decided(std::span<const PairDifferences> figures, int hypotheses, const GateRule& rule);

// The verdict on every figure of every scenario of a run, in the order given; a regression has yet to be confirmed.
std::vector<FigureJudgement> judge_figures(std::span<const PairDifferences> figures, const GateRule& rule);

// Do pairs of fresh processes show the slowdown again? Asked at both looks; the second answer counts.
bool is_confirmed(const PairDifferences& fresh, const GateRule& rule);

}  // namespace depthfinder
