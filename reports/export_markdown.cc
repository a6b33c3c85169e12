// SPDX-License-Identifier: MIT
#include "reports/export_markdown.h"

#include <algorithm>

#include "reports/bystander_cost.h"
#include "reports/markdown.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

std::string heading(int level, std::string_view text) {
  return std::string(static_cast<std::size_t>(level), '#') + " " + markdown_escaped(text) + "\n\n";
}
std::string paragraph(std::string_view text) { return text.empty() ? "" : markdown_escaped(text) + "\n\n"; }

std::string row_text(const std::vector<std::string>& row, bool is_marked) {
  std::string text = "|";
  for (const std::string& cell : row) {
    const std::string safe = markdown_escaped(cell);
    text += is_marked && !safe.empty() ? " **" + safe + "** |" : " " + safe + " |";
  }
  return text + "\n";
}

std::string list(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "- " + markdown_escaped(item) + "\n";
  return text + "\n";
}

std::vector<const CellSummary*> pointers(std::span<const CellSummary> summaries) {
  std::vector<const CellSummary*> all;
  for (const CellSummary& summary : summaries) all.push_back(&summary);
  return all;
}

std::string verdict(const Recommendation& recommendation) {
  const Pick& pick = recommendation.headline;
  std::string text = paragraph(distrust_line(recommendation));
  text += "    " + setting_line(recommendation) + "\n\n";
  text += list(
      {fmt::format("recommended: {}", cell_words(pick.cell)),
       fmt::format("rate: {} MiB/s, {} of the fastest", number(pick.throughput_mib_per_s, 0),
                   percent(pick.share_of_best)),
       fmt::format("confidence: {}", pick.confidence ? percent(*pick.confidence) : "unknown"),
       fmt::format("certified: {}", pick.certified ? cell_words(*pick.certified) : "none, too few blocks"),
       fmt::format("limited by: {}", pick.limit.text),
       fmt::format("N*: {}", pick.n_star ? number(*pick.n_star, 1) : "unknown")});
  text += paragraph(pick.reason);
  for (const std::string& warning : recommendation.warnings) text += paragraph("Warning: " + warning);
  return text;
}

std::string why(const Recommendation& recommendation, int level) {
  std::string text = heading(level, "Why this cell, and what would change the choice");
  text +=
      markdown_table(tables::rejected(recommendation.headline)) + list(recommendation.headline.would_change);
  if (recommendation.shipped) text += paragraph("Shipped strategy: " + recommendation.shipped->reason);
  if (recommendation.other_sha_ni)
    text +=
        paragraph(cell_words(recommendation.other_sha_ni->cell) + ": " + recommendation.other_sha_ni->reason);
  for (const Pick& other : recommendation.other_cpus)
    text += paragraph(cell_words(other.cell) + ": " + other.reason);
  return text;
}

// What was measured in one result.
std::string evidence(const SweepResult& result, const std::optional<Recommendation>& recommendation,
                     int level) {
  const auto on_target = summarise_cells(result);
  const auto fixed = fixed_cells(on_target);
  std::string text = heading(level, "Every cell") + markdown_table(tables::cells(on_target, recommendation));
  text += heading(level, "What each cell waits for") + markdown_table(tables::bottlenecks(result, fixed));
  text += heading(level, "Where the time goes") + markdown_table(tables::stages(pointers(fixed)));
  if (const auto followed = followed_trial(result, recommendation ? recommendation->headline.cell.id : ""))
    text += heading(level, "Timeline of one trial") + markdown_table(tables::timeline(*followed));
  if (const std::string race = sections::race_summary(result); !race.empty())
    text += heading(level, "What the race decided") + paragraph(race) + markdown_table(tables::race(result));
  if (const auto all = summarise_auto(result, on_target); !all.empty())
    text += heading(level, "Depth that finds itself") + markdown_table(tables::automatic(all));
  if (has_bystander(result))
    text += heading(level, "What a neighbour feels") + markdown_table(tables::neighbours(result));
  text += heading(level, "Did the server do what it was asked?") +
          paragraph(sections::audit_summary(result)) + markdown_table(tables::audit(result));
  text += heading(level, "Host and scenario") + paragraph(result.scenario.about) +
          markdown_table(tables::host(result)) + markdown_table(tables::scenario(result));
  return text;
}

std::string one_result(const SweepResult& result, const Result<Recommendation>& recommendation, int level) {
  if (!recommendation)
    return paragraph("No recommendation: " + recommendation.error().message) +
           evidence(result, std::nullopt, level);
  return verdict(*recommendation) + why(*recommendation, level) + evidence(result, *recommendation, level);
}

std::string common_verdict(const Result<CommonChoice>& choice) {
  if (!choice) return paragraph("No setting for all: " + choice.error().message);
  std::string text = "    " + setting_line(*choice) + "\n\n";
  text +=
      list({fmt::format("for all: {}", setting_words(choice->cell)),
            fmt::format("loses at most {} against the fastest common setting, in {}",
                        percent(choice->regret_max), choice->names[choice->worst]),
            fmt::format("confidence: {}", choice->confidence ? percent(*choice->confidence) : "unknown")});
  return text;
}

}  // namespace

std::string markdown_table(const html::Table& table) {
  std::string text = paragraph(table.caption) + "|", rule = "|";
  for (const std::string& column : table.columns) {
    const bool is_numeric = column.starts_with('#');
    text += " " + markdown_escaped(is_numeric ? column.substr(1) : column) + " |";
    rule += is_numeric ? " ---: |" : " --- |";
  }
  text += "\n" + rule + "\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    text +=
        row_text(table.rows[i], std::find(table.marked.begin(), table.marked.end(), i) != table.marked.end());
  return text + "\n";
}

std::string report_markdown(std::span<const SweepResult> results,
                            std::span<const Result<Recommendation>> recommendations) {
  const auto choice = minimax_regret(results);
  std::string text;
  if (results.size() == 1) {
    text = heading(1, "depthfinder: " + results[0].scenario.title) +
           one_result(results[0], recommendations[0], 2);
    if (choice) text += heading(2, "Regret") + markdown_table(tables::regrets(*choice));
  } else {
    text = heading(1, fmt::format("depthfinder: {} results", results.size())) + common_verdict(choice);
    if (choice) text += heading(2, "Regret") + markdown_table(tables::regrets(*choice));
    const auto names = result_names(results);
    for (std::size_t i = 0; i < results.size(); ++i)
      text += heading(2, names[i]) + one_result(results[i], recommendations[i], 3);
  }
  return text + heading(2, "Method") + markdown_escaped(method_words()) + "\n";
}

}  // namespace depthfinder
