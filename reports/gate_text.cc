// SPDX-License-Identifier: MIT
// The gate's result for people: a terminal's 80 columns, and Markdown.
#include <algorithm>

#include "reports/gate_words.h"
#include "reports/markdown.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

std::string table_row(const GateFigureResult& figure) {
  const FigureJudgement& judgement = figure.judgement;
  return fmt::format(
      "  {:<12} {:>12} {:>12} {:>8}  {:<18} {}\n", gate_figure_words(figure.figure),
      gate_value(figure.figure, figure.base_median), gate_value(figure.figure, figure.head_median),
      gate_change(std::clamp(judgement.change, -1.0, 9.99)), gate_bounds(judgement),
      judgement.verdict == GateVerdict::inconclusive ? "?" : gate_verdict_name(judgement.verdict));
}

int pairs_of(const GateScenarioResult& scenario) {
  return scenario.figures.empty() ? 0 : scenario.figures.front().judgement.pairs;
}

std::string size_words(const GateScenarioResult& scenario) {
  return fmt::format("{} of {} a side", counted(pairs_of(scenario), "pair"),
                     counted(scenario.repeats, "trial"));
}

std::string scenario_text(const GateResult& result, const GateScenarioResult& scenario) {
  std::string text = "\n" + wrapped(fmt::format("scenario {}, {}, {}: {}", scenario.scenario.name,
                                                cell_words(scenario.cells[0]), size_words(scenario),
                                                gate_verdict_name(scenario.verdict)),
                                    kTerminalColumns, 0);
  text += fmt::format("  {:<12} {:>12} {:>12} {:>8}  {:<18} {}\n", "", result.sides[0].label,
                      result.sides[1].label, "change", "bounds", "verdict");
  for (const GateFigureResult& figure : scenario.figures) text += table_row(figure);
  for (const GateFigureResult& figure : scenario.figures)
    text += wrapped("  " + gate_figure_words(figure.figure) + ": " + gate_reason(figure, result.rule),
                    kTerminalColumns, 2);
  for (const std::string& note : scenario.notes) text += wrapped("  note: " + note, kTerminalColumns, 2);
  return text;
}

std::string scenario_markdown(const GateResult& result, const GateScenarioResult& scenario) {
  std::string text = fmt::format("\n### {}: {}\n\n{}, {}.\n\n", markdown_escaped(scenario.scenario.name),
                                 gate_verdict_name(scenario.verdict),
                                 markdown_escaped(cell_words(scenario.cells[0])), size_words(scenario));
  text +=
      fmt::format("| figure | {} | {} | change | bounds | verdict | why |\n|---|--:|--:|--:|---|---|---|\n",
                  markdown_escaped(result.sides[0].label), markdown_escaped(result.sides[1].label));
  for (const GateFigureResult& figure : scenario.figures)
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", gate_figure_words(figure.figure),
                        gate_value(figure.figure, figure.base_median),
                        gate_value(figure.figure, figure.head_median), gate_change(figure.judgement.change),
                        gate_bounds(figure.judgement), gate_verdict_name(figure.judgement.verdict),
                        markdown_escaped(gate_reason(figure, result.rule)));
  for (const std::string& note : scenario.notes) text += "\nNote: " + markdown_escaped(note) + ".\n";
  return text;
}

std::string legend(const GateRule& rule) {
  return fmt::format(
      "change: what head takes over base, in time, CPU time or memory; +5 % is worse. bounds: one-sided, at "
      "the level of "
      "the look. regression: more than {} with an error of {} over all figures and scenarios, and again in "
      "fresh "
      "processes. pass: surely less than {}.",
      gate_change(rule.margin), percent(rule.family_error), gate_change(rule.margin + rule.pass_slack));
}

}  // namespace

std::string gate_headline(const GateResult& result) {
  if (result.identical) return "pass: both sides are the same program with the same setting; nothing was run";
  const GateFigureResult* worst = nullptr;
  std::string scenario_name;
  for (const GateScenarioResult& scenario : result.scenarios)
    for (const GateFigureResult& figure : scenario.figures)
      if (figure.judgement.verdict == result.verdict &&
          (worst == nullptr || figure.judgement.change > worst->judgement.change)) {
        worst = &figure;
        scenario_name = scenario.scenario.name;
      }
  const std::string verdict(gate_verdict_name(result.verdict));
  if (worst == nullptr) return verdict;
  if (result.verdict == GateVerdict::pass)
    return fmt::format("pass: the largest change is {} {} ({})", gate_figure_words(worst->figure),
                       gate_change(worst->judgement.change), scenario_name);
  return fmt::format("{}: {} {} ({})", verdict, gate_figure_words(worst->figure),
                     gate_change(worst->judgement.change), scenario_name);
}

std::string gate_text(const GateResult& result) {
  std::string text =
      wrapped(gate_headline(result), kTerminalColumns, 0) + wrapped(gate_sides(result), kTerminalColumns, 0);
  if (result.identical) return text;
  for (const GateScenarioResult& scenario : result.scenarios) text += scenario_text(result, scenario);
  return text + "\n" + wrapped(legend(result.rule), kTerminalColumns, 0);
}

std::string gate_markdown(const GateResult& result) {
  std::string text = fmt::format("## Restore gate: {}\n\n{}\n", markdown_escaped(gate_headline(result)),
                                 markdown_escaped(gate_sides(result)));
  if (result.identical) return text;
  for (const GateScenarioResult& scenario : result.scenarios) text += scenario_markdown(result, scenario);
  return text + "\n" + markdown_escaped(legend(result.rule)) + "\n";
}

}  // namespace depthfinder
