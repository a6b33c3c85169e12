// SPDX-License-Identifier: MIT
#include "reports/report_html.h"

#include <cstdlib>
#include <locale>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/html_writer.h"
#include "reports/result_json.h"
#include "reports/sample_result.h"
#include "reports/svg_chart.h"
#include "reports/svg_timeline.h"
#include "reports/words.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string sample_html() {
  const SweepResult result = sample::link_limited();
  const auto recommendation = recommend(result);
  EXPECT_TRUE(recommendation);
  return recommendation ? report_html(result, *recommendation) : "";
}

// Golden files are rewritten when DEPTHFINDER_UPDATE_GOLDEN is set; look at the difference before committing it.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(DEPTHFINDER_SOURCE_DIR "/reports/testdata/") + name;
  if (std::getenv("DEPTHFINDER_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomically(path, as_bytes(text)));
    return;
  }
  const auto golden = read_file(path, 16 << 20);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_TRUE(as_text(*golden) == text)
      << name << " differs; run with DEPTHFINDER_UPDATE_GOLDEN=1 and look at the difference";
}

TEST(ReportHtml, IsTheGoldenPage) { expect_golden("link_limited.html", sample_html()); }

TEST(Recommendation, IsTheGoldenJsonAndText) {
  const auto recommendation = recommend(sample::link_limited());
  ASSERT_TRUE(recommendation);
  expect_golden("link_limited.recommendation.json", recommendation_json(*recommendation));
  expect_golden("link_limited.recommendation.txt", recommendation_text(*recommendation));
}

TEST(Result, IsTheGoldenJson) {
  const auto text = to_json(sample::link_limited());
  ASSERT_TRUE(text);
  expect_golden("link_limited.result.json", *text);
}

TEST(ReportHtml, IsTheGoldenPageWithTracesAndABystander) {
  const auto result = sample::with_auto_and_bystander();
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation) << recommendation.error().message;
  expect_golden("auto_and_bystander.html", report_html(result, recommendation));
  expect_golden("auto_and_bystander.recommendation.json", recommendation_json(*recommendation));
  expect_golden("auto_and_bystander.recommendation.txt", recommendation_text(*recommendation));
}

TEST(ReportHtml, SaysTheVerdictFirst) {
  const std::string page = sample_html();
  const auto first_chart = page.find("<main>");
  for (const char* words :
       {"Use depth 4 with 1 thread", "PBS_RESTORE_FETCH_CONCURRENCY=4 PBS_RESTORE_MAX_THREADS=1",
        "Confidence", "What limits this restore", "400 MB/s", "8 logical CPUs"})
    EXPECT_LT(page.find(words), first_chart) << words;
}

TEST(ReportHtml, NeedsNoNetworkAndNoScript) {
  const std::string page = sample_html();
  for (const char* banned :
       {"<script", "http://", "https://", "src=", "@import", "url(", "<link", "onclick", "onload"})
    EXPECT_THAT(page, Not(HasSubstr(banned)));
}

TEST(ReportHtml, EscapesWhatResultsSay) {
  auto result = sample::link_limited();
  const std::string attack = "<script>alert(\"1\")</script>'&\x01";
  result.host.cpu_model = result.host.kernel = result.tool.version = result.scenario.title = attack;
  result.scenario.about = result.trials[0].metrics->sha256_kernel = attack;
  result.trials[0].audit->faults[attack] = 1;
  result.tool.libraries[attack] = attack;
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_THAT(report_html(result, *recommendation),
              AllOf(Not(HasSubstr("<script")), HasSubstr("&lt;script&gt;")));
}

// The cells at the link's rate, so that the pick and the fastest cell are among them.
SweepResult off_target_result() {
  auto result = sample::link_limited();
  for (Trial& trial : result.trials)
    if (trial.cell_id.starts_with("spawned-d4") || trial.cell_id.starts_with("spawned-d8"))
      trial.audit->latency_served_p99_ms = 12.9;
  return result;
}

TEST(ReportHtml, SaysFirstWhatIsNotToBeTrusted) {
  const auto result = off_target_result();
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  const std::string page = report_html(result, recommendation);
  EXPECT_LT(page.find("Not to be trusted"), page.find("<h1"));
  EXPECT_THAT(
      page, AllOf(HasSubstr("On target in 12 of 20 audited cells."), HasSubstr("off target</td>"),
                  HasSubstr("p99 12.9 ms served, 10.0 ms asked"), HasSubstr("<td class=\"t\">invalid</td>")));
}

TEST(ReportHtml, ShowsTheAuditWhereNothingCanBeRecommended) {
  auto result = sample::link_limited();
  for (Trial& trial : result.trials) trial.audit->latency_served_p50_ms = 17;
  const auto recommendation = recommend(result);
  ASSERT_FALSE(recommendation);
  const std::string page = report_html(result, recommendation);
  EXPECT_THAT(page, AllOf(HasSubstr("No recommendation"), HasSubstr("off target in every cell"),
                          HasSubstr("On target in 0 of 20 audited cells."),
                          HasSubstr("p50 17.0 ms served, 10.0 ms asked"),
                          Not(HasSubstr("PBS_RESTORE_FETCH_CONCURRENCY"))));
}

TEST(ReportHtml, CountsFaultsRetriesAndFailuresPerCell) {
  auto result = sample::result(sample::scenario(R"("depth": [4], "threads": [2])"), 3,
                               [](const Cell&, int block) { return block == 1 ? 0.0 : 500.0; });
  for (Trial& trial : result.trials) {
    trial.audit->faults = {{"status", 2}, {"stall", 1}};
    if (trial.metrics) trial.metrics->retries = 4;
  }
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  EXPECT_THAT(
      report_html(result, recommendation),
      AllOf(HasSubstr("stall 3, status 6"), HasSubstr("The mock injected 9 faults (stall 3, status 6) "
                                                      "into 3 trials: 1 of these failed")));
}

SweepResult raced_result() {
  auto result = sample::link_limited();
  result.racing = {{2, "spawned-d16-t1-c1-shani-on", "dropped", "needs <more> buffers"},
                   {2, "spawned-d8-t1-c1-shani-on", "undecided", "98 % of the fastest"},
                   {3, "spawned-d4-t1-c1-shani-on", "stopped", "resampling repeats the choice"}};
  return result;
}

TEST(ReportHtml, SaysWhatTheRaceDecidedAndWhyItEnded) {
  const auto result = raced_result();
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  for (const std::string& page :
       {report_html(result, recommendation), report_html(result, fail(ErrorKind::bad_input, "no verdict"))})
    EXPECT_THAT(page,
                AllOf(HasSubstr("1 of 20 cells were dropped; 80 trials were made"),
                      HasSubstr("The race ended after block 4: resampling repeats the choice."),
                      HasSubstr("spawned, depth 16, 1 thread, SHA-NI on</th><td>3</td><td class=\"t\">dropped"
                                "</td><td class=\"t\">needs &lt;more&gt; buffers</td>"),
                      HasSubstr("more blocks</td><td class=\"t\">98 % of the fastest</td>")));
  EXPECT_THAT(sample_html(), Not(HasSubstr("What the race decided")));
}

TEST(ReportHtml, FollowsATrialOfTheRecommendedCell) {
  auto result = sample::link_limited();
  const auto recommendation = recommend(result);
  ASSERT_TRUE(recommendation);
  const std::string followed =
      "Request by request: " + cell_words(recommendation->headline.cell) + ", block 1";
  EXPECT_THAT(report_html(result, recommendation), HasSubstr(followed));

  for (Trial& trial : result.trials)
    if (trial.cell_id == recommendation->headline.cell.id || trial.position == 0) trial.timeline.reset();
  const std::string first = "Request by request: " + cell_words(result.cells[1]) + ", block 1";
  EXPECT_THAT(report_html(result, recommendation), HasSubstr(first)) << "the first that has one";
  EXPECT_THAT(report_html(result, fail(ErrorKind::bad_input, "no verdict")), HasSubstr(first));

  for (Trial& trial : result.trials) trial.timeline.reset();
  EXPECT_THAT(report_html(result, recommendation), Not(HasSubstr("Timeline")));
}

TEST(TimelineChart, DrawsWhatAFileMayHold) {
  for (const double largest : {0.0, 5e-324, 1e-9, 1e12}) {
    svg::TimelineChart chart{"title", "ms", 0, 1, {{0, 0, largest, 0}, {0, largest, largest, largest}}};
    EXPECT_THAT(svg::timeline_chart(chart).text, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
  }
}

TEST(ReportHtml, IsWellNested) {
  const std::string page = sample_html();
  std::vector<std::string> open;
  const std::regex tag(R"(<(/?)([a-z][a-z0-9]*)([^>]*)>)");
  const auto start = page.find("<body");
  const auto body = page.substr(start, page.rfind("</html>") - start);
  for (std::sregex_iterator i(body.begin(), body.end(), tag), end; i != end; ++i) {
    if ((*i)[3].str().ends_with("/")) continue;
    if ((*i)[1] == "") {
      open.push_back((*i)[2]);
      continue;
    }
    ASSERT_FALSE(open.empty());
    ASSERT_EQ(open.back(), (*i)[2]);
    open.pop_back();
  }
  EXPECT_THAT(open, testing::IsEmpty());
}

TEST(ReportHtml, DoesNotDependOnTheLocale) {
  struct CommaForPoint : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::string page = sample_html();
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaForPoint));
  const std::string again = sample_html();
  std::locale::global(before);
  EXPECT_TRUE(page == again);
}

TEST(RoundTicks, EndPastTheMaximum) {
  EXPECT_THAT(svg::round_ticks(10), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(svg::round_ticks(612), ElementsAre(0, 200, 400, 600, 800));
  EXPECT_THAT(svg::round_ticks(0), ElementsAre(0, 1));
  EXPECT_THAT(svg::round_ticks(5e-324), ElementsAre(0, 1)) << "no step is that small";
  EXPECT_THAT(svg::round_ticks(1e12).size(), testing::Le(8U));
}

TEST(HtmlWriter, Escapes) {
  EXPECT_EQ(html::escaped("a<b>&\"'").text, "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html::element("p", {{"class", "\"x"}}, "<").text, "<p class=\"&quot;x\">&lt;</p>");
}

}  // namespace
}  // namespace depthfinder
