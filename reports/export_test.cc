// SPDX-License-Identifier: MIT
#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/cell_summary.h"
#include "reports/export_benchmark.h"
#include "reports/export_csv.h"
#include "reports/export_markdown.h"
#include "reports/markdown.h"
#include "reports/report_html.h"
#include "reports/sample_result.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<Result<Recommendation>> recommend_each(const std::vector<SweepResult>& results) {
  std::vector<Result<Recommendation>> each;
  for (const SweepResult& result : results) each.push_back(recommend(result));
  return each;
}

// RFC 4180, as a reader of ours would split it.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (letter == '"') {
      quoted = !quoted;
    } else if (letter == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (letter == '\n' && !quoted) {
      rows.push_back({""});
    } else if (letter != '\r' || quoted) {
      rows.back().back() += letter;
    }
  }
  rows.pop_back();
  return rows;
}

TEST(Csv, HasARowForEveryCellWithTheResultsFigures) {
  const std::vector<SweepResult> results = {sample::link_limited(), sample::with_auto_and_bystander()};
  const auto rows = parse_csv(report_csv(results, recommend_each(results)));
  ASSERT_EQ(rows.size(), 1 + results[0].cells.size() + results[1].cells.size());
  const auto& names = rows.front();
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  for (const auto& row : rows) EXPECT_EQ(row.size(), names.size());
  const auto summaries = summarise_cells(results[0]);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    EXPECT_EQ(rows[i + 1][column("cell")], summaries[i].cell.id);
    EXPECT_DOUBLE_EQ(std::stod(rows[i + 1][column("throughput_mib_per_s")]),
                     summaries[i].throughput_mib_per_s());
    EXPECT_EQ(rows[i + 1][column("blocks_valid")], std::to_string(summaries[i].trials.size()));
  }
  EXPECT_EQ(rows.back()[column("depth")], "auto");
  EXPECT_EQ(rows.back()[column("limit")], "") << "a cell that finds its own setting has none";
  EXPECT_NE(rows.back()[column("bystander_ratio_p99")], "");
}

TEST(Markdown, SaysWhatTheRaceDecidedAndFollowsATrial) {
  std::vector<SweepResult> results = {sample::link_limited()};
  results[0].racing = {{2, "spawned-d16-t1-c1-shani-on", "dropped", "a | b"},
                       {3, "spawned-d4-t1-c1-shani-on", "stopped", "it is sure"}};
  EXPECT_THAT(
      report_markdown(results, recommend_each(results)),
      AllOf(HasSubstr("| spawned, depth 16, 1 thread, SHA-NI on | 3 | dropped | a \\| b |"),
            HasSubstr("The race ended after block 4: it is sure."),
            HasSubstr("Request by request: spawned, depth 4, 1 thread, SHA-NI on, block 1\n\n| request |")));
}

TEST(MarkdownEscaped, LeavesNoMarkup) {
  EXPECT_EQ(markdown_escaped("plain, 94 % (x)"), "plain, 94 % (x)");
  EXPECT_EQ(markdown_escaped("<b>&|*_`[]#~$\\"), "\\<b\\>\\&\\|\\*\\_\\`\\[\\]\\#\\~\\$\\\\");
  EXPECT_EQ(markdown_escaped("a\n\x1b\x7f b"), "a    b");
}

TEST(Csv, QuotesAndDisarmsText) {
  const struct {
    const char* text;
    const char* field;
  } kRows[] = {{"plain", "plain"},
               {"a,b", "\"a,b\""},
               {"a\"b", "\"a\"\"b\""},
               {"two\nlines", "\"two\nlines\""},
               {"=1+1", "'=1+1"},
               {"@x", "'@x"},
               {"-0.5", "-0.5"},
               {"-cmd", "'-cmd"},
               {"", ""}};
  for (const auto& row : kRows) EXPECT_EQ(csv_field(row.text), row.field);
}

TEST(BenchmarkJson, HasARepetitionForEveryValidTrial) {
  const std::vector<SweepResult> results = {sample::link_limited()};
  const auto document = nlohmann::json::parse(benchmark_json(results));
  EXPECT_EQ(document.at("context").at("num_cpus"), 8);
  std::size_t repetitions = 0;
  double median_ms = 0;
  for (const auto& benchmark : document.at("benchmarks")) {
    if (benchmark.at("run_type") == "iteration") ++repetitions;
    if (benchmark.at("name") == "sample/spawned-d4-t1-c1-shani-on_median")
      median_ms = benchmark.at("real_time");
    EXPECT_EQ(benchmark.at("time_unit"), "ms");
  }
  EXPECT_EQ(repetitions, 79U) << "20 cells, 4 blocks, one failed";
  std::vector<double> times;
  for (const Trial& trial : results[0].trials)
    if (trial.cell_id == "spawned-d4-t1-c1-shani-on") times.push_back(trial.metrics->duration_s * 1e3);
  EXPECT_DOUBLE_EQ(median_ms, median(times));
}

TEST(Markdown, HasTheVerdictAndEveryTable) {
  const std::vector<SweepResult> results = {sample::with_auto_and_bystander()};
  const std::string text = report_markdown(results, recommend_each(results));
  for (const char* words : {"PBS_RESTORE_FETCH_CONCURRENCY=8 PBS_RESTORE_MAX_THREADS=2", "## Every cell",
                            "## What each cell waits for", "## Depth that finds itself",
                            "## What a neighbour feels", "## Did the server do what it was asked?",
                            "## Host and scenario", "## Regret", "## Method", "upstream's 16/4"})
    EXPECT_THAT(text, HasSubstr(words));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_EQ(line.starts_with("|"), line.ends_with("|")) << line;
}

TEST(Markdown, EscapesWhatResultsSay) {
  auto result = sample::link_limited();
  result.host.cpu_model = "<script>|*bold*\n# heading";
  const std::vector<SweepResult> results = {result};
  EXPECT_THAT(report_markdown(results, recommend_each(results)),
              AllOf(HasSubstr("\\<script\\>\\|\\*bold\\* \\# heading"), Not(HasSubstr("<script>"))));
}

// 78 cells over 12 scenarios, 10 blocks each: what a page must carry within its size.
TEST(ReportHtml, Of78CellsIn12ScenariosIsAtMost150KB) {
  std::vector<SweepResult> results;
  for (int i = 0; i < 12; ++i) {
    const std::string axes = i < 6 ? R"("depth": [1, 2, 4, 8, 16, 32], "threads": [2])"
                                   : R"("depth": [1, 2, 4, 8, 16, 32, 48], "threads": [2])";
    results.push_back(sample::result(sample::scenario(axes, R"("latency": "10ms", "rate": "400MB/s")"), 10,
                                     [i](const Cell& cell, int block) {
                                       return std::min(600.0, (60.0 + 10 * i) * cell.depth) *
                                              (1 + 0.002 * block);
                                     }));
    results.back().scenario.name = "a-scenario-number-" + std::to_string(i);
    results.back().scenario.title =
        "A scenario with a title of the usual length, which says what it is about";
    results.back().scenario.about = std::string(400, 'x');
    results.back().trials[3].timeline =
        sample::timeline(results.back().scenario, results.back().cells[3], kTimelineRowsMax);
  }
  const std::string page = report_html(results, recommend_each(results));
  EXPECT_LE(page.size(), kReportBytesMax);
  EXPECT_THAT(page,
              AllOf(HasSubstr("Use depth"), HasSubstr("a-scenario-number-11"), HasSubstr("half the cores"),
                    HasSubstr("Timeline of one trial"), HasSubstr("The numbers of this chart")));
  const auto one =
      sample::result(sample::scenario(R"("depth": [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32],
                                                      "threads": [1, 2, 4], "sha_ni": ["on", "off"])"),
                     10, [](const Cell& cell, int) { return std::min(600.0, 60.0 * cell.depth); });
  ASSERT_EQ(one.cells.size(), 78U);
  const std::string single = report_html(one, recommend(one));
  EXPECT_LE(single.size(), kReportBytesMax);
  EXPECT_THAT(single, HasSubstr("780 trials would make this page too large"));
}

}  // namespace
}  // namespace depthfinder
