// SPDX-License-Identifier: MIT
// The gate as JUnit XML: a suite per scenario, a case per figure. A regression is a failure; what is inconclusive is
// skipped, with the reason, since JUnit has no third answer.
#include "reports/gate_words.h"

namespace depthfinder {
namespace {

// For text and attributes. What XML 1.0 cannot hold, control characters, becomes a question mark.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string outcome(const GateFigureResult& figure, const GateRule& rule) {
  const std::string reason = xml(gate_reason(figure, rule));
  switch (figure.judgement.verdict) {
    case GateVerdict::regression:
      return fmt::format("      <failure type=\"regression\" message=\"{} {}: {}\"/>\n",
                         gate_figure_words(figure.figure), gate_change(figure.judgement.change), reason);
    case GateVerdict::inconclusive:
      return fmt::format("      <skipped message=\"inconclusive: {}\"/>\n", reason);
    case GateVerdict::pass:
      break;
  }
  return {};
}

double seconds_of(const GateScenarioResult& scenario) {
  double sum = 0;
  for (const GateTrial& trial : scenario.trials) sum += trial.elapsed_s;
  return sum;
}

std::string suite(const GateScenarioResult& scenario, const GateRule& rule) {
  int failures = 0, skipped = 0;
  std::string cases;
  const std::string name = xml(scenario.scenario.name);
  for (const GateFigureResult& figure : scenario.figures) {
    failures += figure.judgement.verdict == GateVerdict::regression;
    skipped += figure.judgement.verdict == GateVerdict::inconclusive;
    cases += fmt::format("    <testcase classname=\"depthfinder.gate.{}\" name=\"{}\">\n", name,
                         gate_figure_name(figure.figure));
    cases += outcome(figure, rule);
    cases += fmt::format("      <system-out>{} -&gt; {}, {} ({})</system-out>\n    </testcase>\n",
                         gate_value(figure.figure, figure.base_median),
                         gate_value(figure.figure, figure.head_median), gate_change(figure.judgement.change),
                         gate_bounds(figure.judgement));
  }
  return fmt::format(
             "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" "
             "time=\"{:.3f}\">\n",
             name, scenario.figures.size(), failures, skipped, seconds_of(scenario)) +
         cases + "  </testsuite>\n";
}

}  // namespace

std::string gate_junit(const GateResult& result) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"depthfinder gate\">\n";
  if (result.identical)
    text += fmt::format(
        "  <testsuite name=\"identical\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">\n"
        "    <testcase classname=\"depthfinder.gate\" name=\"identical\">\n"
        "      <system-out>{}</system-out>\n    </testcase>\n  </testsuite>\n",
        xml(gate_headline(result)));
  for (const GateScenarioResult& scenario : result.scenarios)
    if (!result.identical) text += suite(scenario, result.rule);
  return text + "</testsuites>\n";
}

}  // namespace depthfinder
