// SPDX-License-Identifier: MIT
#include "reports/report_html.h"

#include <span>

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

Markup head(const SweepResult& result) {
  return element(
      "head", {},
      join(empty_element("meta", {{"charset", "utf-8"}}),
           empty_element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
           empty_element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
           element("title", {}, "depthfinder: " + result.scenario.title), style()));
}

std::string page(const SweepResult& result, const Markup& header, const Markup& main) {
  const Markup body = element("body", {}, join(header, element("main", {}, main)));
  return "<!DOCTYPE html>\n" + element("html", {{"lang", "en"}}, join(head(result), body)).text + "\n";
}

// What was measured, whatever follows from it.
Markup evidence(const SweepResult& result) {
  return join(sections::automatic(result), sections::neighbours(result), sections::audit(result),
              sections::trials(result), sections::origin(result));
}

}  // namespace

std::string report_html(const SweepResult& result, const Result<Recommendation>& recommendation) {
  if (!recommendation)
    return page(result, sections::no_verdict(result, recommendation.error().message), evidence(result));
  const auto summaries = fixed_cells(summarise_cells(result));
  const sections::Input input{result, *recommendation, summaries};
  const Markup main = join(sections::warnings(input), sections::throughput(input), sections::cost(input),
                           sections::stages(input), sections::reasons(input), evidence(result));
  return page(result, sections::verdict(input), main);
}

}  // namespace depthfinder
