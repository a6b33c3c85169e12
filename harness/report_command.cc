// SPDX-License-Identifier: MIT
// depthfinder report: the pages and tables of results, pure functions of their files.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_files.h"
#include "reports/export_benchmark.h"
#include "reports/export_csv.h"
#include "reports/export_markdown.h"
#include "reports/recommend.h"
#include "reports/report_html.h"
#include "restore_core/base/file.h"
#include "restore_core/base/printable.h"

namespace depthfinder {
namespace {

struct ReportOptions {
  std::vector<std::string> results;
  std::string html, markdown, csv, benchmark_json;
};

Result<void> write_text(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  DF_TRY(write_file_atomically(path, as_bytes(text)));
  fmt::print(stderr, "wrote {}\n", path);
  return {};
}

// Results without a verdict have their place on the page, and the status says so.
ExitStatus status_of(const std::vector<Result<Recommendation>>& recommendations) {
  ExitStatus status = ExitStatus::done;
  for (const auto& recommendation : recommendations) {
    if (recommendation) continue;
    fmt::print(stderr, "depthfinder: no recommendation: {}\n", printable(recommendation.error().message));
    status = ExitStatus::invalid;
  }
  return status;
}

Result<ExitStatus> write_report(const ReportOptions& options) {
  if (options.html.empty() && options.markdown.empty() && options.csv.empty() &&
      options.benchmark_json.empty())
    return fail(ErrorKind::bad_input,
                "nothing to write: give -o FILE, --markdown FILE, --csv FILE or --benchmark-json FILE");
  DF_ASSIGN(const std::vector<SweepResult> results, read_sweep_results(options.results));
  std::vector<Result<Recommendation>> recommendations;
  for (const SweepResult& result : results) recommendations.push_back(recommend(result));
  if (!options.html.empty()) DF_TRY(write_text(options.html, report_html(results, recommendations)));
  if (!options.markdown.empty())
    DF_TRY(write_text(options.markdown, report_markdown(results, recommendations)));
  if (!options.csv.empty()) DF_TRY(write_text(options.csv, report_csv(results, recommendations)));
  if (!options.benchmark_json.empty()) DF_TRY(write_text(options.benchmark_json, benchmark_json(results)));
  return status_of(recommendations);
}

}  // namespace

void add_report_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "Write the HTML report of results");
  command->footer(
      "\nExamples:\n"
      "  depthfinder report results/quickstart/result.json -o report.html\n"
      "  depthfinder report host-a.json host-b.json -o report.html --csv cells.csv\n"
      "Several results: the setting for all, what it loses where, and a section each.\n"
      "Status 5: one of the results has no trial that counts; the page says why.");
  command->add_option("RESULT", options->results, "result.json of a sweep, or a merge of several")
      ->required();
  command->add_option("-o,--output", options->html, "The HTML file to write");
  command->add_option("--markdown", options->markdown, "The same as Markdown");
  command->add_option("--csv", options->csv, "Every cell, one row each");
  command->add_option("--benchmark-json", options->benchmark_json, "In Google Benchmark's shape");
  command->callback(
      [options, &chosen] { chosen = [options](const std::stop_token&) { return write_report(*options); }; });
}

}  // namespace depthfinder
