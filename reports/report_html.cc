// SPDX-License-Identifier: MIT
#include "reports/report_html.h"

#include <numeric>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "reports/report_sections.h"
#include "scenarios/embedded_file.h"

namespace depthfinder {

std::span<const EmbeddedFile> report_css_files();  // made by embed.cmake

namespace {

using html::element;
using html::empty_element;
using html::join;
using html::Markup;

// The page's own style sheet is the one text that is not escaped: browsers read it as it stands.
Markup style() { return {"<style>\n" + std::string(report_css_files().front().text) + "</style>"}; }

Markup head(std::string_view title) {
  return element(
      "head", {},
      join(empty_element("meta", {{"charset", "utf-8"}}),
           empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
           empty_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
           element("title", {}, fmt::format("depthfinder: {}", title)), style()));
}

std::string page(std::string_view title, const Markup& header, const Markup& main) {
  const Markup body = element("body", {}, join(header, element("main", {}, main)));
  return "<!DOCTYPE html>\n" + element("html", {{"lang", "en"}}, join(head(title), body)).text + "\n";
}

std::size_t bytes_left(const Markup& header, const Markup& main) {
  constexpr std::size_t kAround =
      1'000;  // the head without the style sheet, and what says that rows were left out
  const std::size_t taken =
      report_css_files().front().text.size() + header.text.size() + main.text.size() + kAround;
  return taken < kReportBytesMax ? kReportBytesMax - taken : 0;
}

constexpr int kThriftMax = 3;
constexpr std::size_t kManyCells = 200;  // whose tables do not fit beside their charts

Markup left_out() {
  return element(
      "p", {{"class", "soft"}},
      "Tables were left out, since this page would be too large with them: report --markdown and --csv have "
      "them all, and so has the page of a single result.");
}

// What was measured, whatever follows from it; the raw rows last, as far as there is room. `thrift` as in Input.
std::string whole_page(const SweepResult& result, const Markup& header, Markup main,
                       std::string_view preferred_cell_id = {}, int thrift = 0) {
  main += join(sections::timeline(result, preferred_cell_id), sections::automatic(result),
               sections::neighbours(result));
  if (thrift < 2)
    main += join(sections::racing(result), sections::audit(result));
  else
    main +=
        element("p", {},
                "The mock server: " + sections::audit_summary(result) + " " + sections::race_summary(result));
  const Markup origin = sections::origin(result);
  main += sections::trials(result, bytes_left(header, join(main, origin)));
  main += origin;
  return page(result.scenario.title, header, main);
}

// The sections that follow from a choice. Of very many cells the charts stay, and what is said of single ones goes.
Markup main_of(const sections::Input& input) {
  const Markup top = join(sections::warnings(input), sections::throughput(input));
  const Markup end = join(sections::latency(input), sections::reasons(input), sections::run_chart(input));
  if (input.thrift >= 2)
    return join(
        top,
        element("p", {{"class", "soft"}},
                fmt::format("{} cells: tables and further charts of them would make this page too large. "
                            "report --markdown and --csv have every figure.",
                            input.summaries.size())),
        sections::stages(input), end);
  const auto choice = minimax_regret(std::span(&input.result, 1));
  return join(top, choice ? sections::regret(*choice) : Markup(), sections::bottleneck(input),
              sections::stages(input), sections::cost(input), end);
}

Markup part_of(const sections::Overview& overview, std::size_t i, int thrift) {
  const SweepResult& result = overview.results[i];
  const Result<Recommendation>& recommendation = overview.recommendations[i];
  if (!recommendation)
    return sections::part_without_verdict(result, recommendation.error().message, overview.names[i],
                                          sections::anchor_of(i));
  const auto summaries = fixed_cells(summarise_cells(result));
  return sections::part({result, *recommendation, summaries, true, thrift}, overview.names[i],
                        sections::anchor_of(i));
}

// Of the result that loses most by the common choice, or of the first that has one; empty where none has.
Markup timeline_of_one(const sections::Overview& overview) {
  std::vector<std::size_t> order(overview.results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (overview.common) order.insert(order.begin(), overview.common->worst);
  for (const std::size_t i : order) {
    const auto& recommendation = overview.recommendations[i];
    Markup timeline = sections::timeline(
        overview.results[i],
        recommendation ? std::string_view(recommendation->headline.cell.id) : std::string_view(),
        overview.names[i]);
    if (!timeline.text.empty()) return timeline;
  }
  return {};
}

}  // namespace

std::string report_html(const SweepResult& result, const Result<Recommendation>& recommendation) {
  if (!recommendation)
    return whole_page(result, sections::no_verdict(result, recommendation.error().message), {});
  const auto summaries = fixed_cells(summarise_cells(result));
  std::string text;
  for (int thrift = summaries.size() > kManyCells ? 2 : 0;
       thrift <= 2 && (text.empty() || text.size() > kReportBytesMax); ++thrift) {
    const sections::Input input{result, *recommendation, summaries, false, thrift};
    text = whole_page(result, sections::verdict(input), main_of(input), recommendation->headline.cell.id,
                      thrift);
  }
  return text;
}

std::string report_html(std::span<const SweepResult> results,
                        std::span<const Result<Recommendation>> recommendations) {
  if (results.size() == 1) return report_html(results.front(), recommendations.front());
  const auto choice = minimax_regret(results);
  const sections::Overview overview{results, recommendations, result_names(results), choice};
  const Markup header = sections::overall_verdict(overview);
  Markup top = choice ? sections::regret(*choice) : Markup();
  top += sections::overview(overview);
  const Markup origins = sections::origins(overview), timeline = timeline_of_one(overview);
  std::string text;
  for (int thrift = 0; thrift <= kThriftMax && (text.empty() || text.size() > kReportBytesMax); ++thrift) {
    Markup main = top;
    for (std::size_t i = 0; i < results.size(); ++i) main += part_of(overview, i, thrift);
    if (thrift > 0) main += left_out();
    if (timeline.text.size() < bytes_left(header, join(main, origins))) main += timeline;
    text = page(fmt::format("{} results", results.size()), header, join(main, origins));
  }
  return text;
}

}  // namespace depthfinder
