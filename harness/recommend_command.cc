// SPDX-License-Identifier: MIT
// depthfinder recommend and report: pure functions of result files.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_file.h"
#include "reports/recommend.h"
#include "reports/report_html.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

struct RecommendOptions {
  std::vector<std::string> results;
  bool json = false;
};

// The file was read, but nothing in it counts.
ExitStatus no_recommendation(const Error& error) {
  fmt::print(stderr, "depthfinder: no recommendation: {}\n", error.message);
  return ExitStatus::invalid;
}

Result<ExitStatus> recommend_results(const RecommendOptions& options) {
  std::vector<SweepResult> results;
  for (const std::string& path : options.results) {
    DF_ASSIGN(SweepResult result, read_result_file(path));
    results.push_back(std::move(result));
  }
  std::string json;
  ExitStatus status = ExitStatus::done;
  for (const SweepResult& result : results) {
    const auto recommendation = recommend(result);
    if (!recommendation) return no_recommendation(recommendation.error());
    if (recommendation->rests_on_off_target()) {
      status = ExitStatus::invalid;
      fmt::print(stderr,
                 "depthfinder: scenario {}: the verdict rests on cells where the mock was off target\n",
                 result.scenario.name);
    }
    if (options.json) {
      json += (json.empty() ? "" : ",\n") + recommendation_json(*recommendation);
    } else {
      fmt::print("{}\n", recommendation_text(*recommendation));
    }
  }
  if (options.json) fmt::print("{}\n", results.size() == 1 ? json : "[" + json + "]");
  if (results.size() > 1 && !options.json) {
    DF_ASSIGN(const CommonChoice choice, minimax_regret(results));
    fmt::print("{}\n", choice.text);
  }
  return status;
}

struct ReportOptions {
  std::string result;
  std::string output;
};

Result<ExitStatus> write_report(const ReportOptions& options) {
  DF_ASSIGN(const SweepResult result, read_result_file(options.result));
  const auto recommendation = recommend(result);
  DF_TRY(write_file_atomically(options.output, as_bytes(report_html(result, recommendation))));
  fmt::print(stderr, "wrote {}\n", options.output);
  return recommendation ? ExitStatus::done : no_recommendation(recommendation.error());
}

}  // namespace

void add_recommend_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<RecommendOptions>();
  CLI::App* command = app.add_subcommand("recommend", "Say which setting to use, and why, from results");
  command->footer(
      "\nExamples:\n"
      "  depthfinder recommend results/quickstart/result.json\n"
      "  depthfinder recommend --json results/*/result.json\n"
      "Status 5: the verdict rests on cells where the mock server was off target.");
  command->add_option("RESULT", options->results, "result.json of a sweep; several: one choice for all too")
      ->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &chosen] {
    chosen = [options](const std::stop_token&) { return recommend_results(*options); };
  });
}

void add_report_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "Write the HTML report of a result");
  command->footer("\nExample:\n  depthfinder report results/quickstart/result.json -o report.html");
  command->add_option("RESULT", options->result, "result.json of a sweep")->required();
  command->add_option("-o,--output", options->output, "The HTML file to write")->required();
  command->callback(
      [options, &chosen] { chosen = [options](const std::stop_token&) { return write_report(*options); }; });
}

}  // namespace depthfinder
