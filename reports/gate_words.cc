// SPDX-License-Identifier: MIT
#include "reports/gate_words.h"

#include <algorithm>

#include "reports/words.h"

namespace depthfinder {
namespace {

std::string probability(double p) { return p < 0.0001 ? "< 0.0001" : number(p, 4); }

std::string confirmation_words(const GateConfirmation& confirmation) {
  return fmt::format("{} pairs of fresh processes: {}, p {}", confirmation.pairs,
                     gate_change(confirmation.change), probability(confirmation.p_value));
}

std::string doubt_words(const GateFigureResult& figure, const GateRule& rule) {
  const FigureJudgement& judgement = figure.judgement;
  switch (judgement.doubt) {
    case GateDoubt::none:
      break;
    case GateDoubt::too_few_pairs:
      return fmt::format("{} valid pairs, {} are the least: give more time", judgement.pairs,
                         rule.first_look);
    case GateDoubt::outliers:
      return fmt::format("outliers: {} by the mean, {} by ranks", gate_change(judgement.change),
                         gate_change(judgement.change_ranks));
    case GateDoubt::too_noisy:
      return fmt::format("too noisy: {} per pair; {} pairs find {} with probability {}",
                         percent(judgement.noise), rule.last_look, gate_change(rule.margin + rule.pass_slack),
                         number(judgement.power, 2));
    case GateDoubt::cut_short:
      return fmt::format("open after {} pairs; measuring ended there", judgement.pairs);
    case GateDoubt::mock_off_target:
      return "nothing wrong was seen, but the server was not the one asked for";
    case GateDoubt::not_confirmed:
      return figure.confirmation ? "not confirmed by " + confirmation_words(*figure.confirmation)
                                 : std::string("not confirmed: no time was left");
  }
  return {};
}

std::string setting(const Cell& cell) {
  std::string text = fmt::format("{} depth {}", cell.strategy, count_or_auto(cell.depth));
  if (cell.threads != 0) text += fmt::format(" threads {}", count_or_auto(cell.threads));
  return text;
}

}  // namespace

std::string gate_figure_words(GateFigure figure) {
  switch (figure) {
    case GateFigure::throughput:
      return "throughput";
    case GateFigure::elapsed:
      return "elapsed time";
    case GateFigure::cpu_time:
      return "CPU time";
    case GateFigure::peak_memory:
      break;
  }
  return "peak memory";
}

std::string gate_value(GateFigure figure, double value) {
  switch (figure) {
    case GateFigure::throughput:
      return number(value, 1) + " MiB/s";
    case GateFigure::elapsed:
      return number(value, 3) + " s";
    case GateFigure::cpu_time:
      return number(value, 3) + " s/GiB";
    case GateFigure::peak_memory:
      break;
  }
  return number(value * 0x1.0p-20, 1) + " MiB";
}

std::string gate_change(double change) { return fmt::format("{:+.1f} %", 100 * change); }

std::string gate_bounds(const FigureJudgement& judgement) {
  if (!judgement.low || !judgement.high) return "none";
  const double low = std::clamp(100 * *judgement.low, -100.0, 999.0);
  const double high = std::clamp(100 * *judgement.high, -100.0, 999.0);
  return fmt::format("{:+.1f} to {:+.1f} %", low, high);
}

std::string gate_reason(const GateFigureResult& figure, const GateRule& rule) {
  const FigureJudgement& judgement = figure.judgement;
  switch (judgement.verdict) {
    case GateVerdict::regression:
      return fmt::format("worse than {} with p {} over all figures; {}", gate_change(rule.margin),
                         probability(judgement.p_holm),
                         figure.confirmation ? "confirmed by " + confirmation_words(*figure.confirmation)
                                             : std::string("not confirmed"));
    case GateVerdict::pass:
      return fmt::format("surely below {}", gate_change(rule.margin + rule.pass_slack));
    case GateVerdict::inconclusive:
      break;
  }
  return doubt_words(figure, rule);
}

std::string gate_sides(const GateResult& result) {
  const GateSide& base = result.sides[0];
  const GateSide& head = result.sides[1];
  if (!result.scenarios.empty()) {
    const auto& cells = result.scenarios.front().cells;
    if (!(cells[0] == cells[1]))
      return fmt::format("{} ({}) -> {} ({})", base.label, setting(cells[0]), head.label, setting(cells[1]));
  }
  return fmt::format("{} ({}) -> {} ({})", base.label, base.program_sha256.substr(0, 12), head.label,
                     head.program_sha256.substr(0, 12));
}

}  // namespace depthfinder
