// SPDX-License-Identifier: MIT
// depthfinder report: the pages and tables of results, pure functions of their files.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_files.h"
#include "reports/recommend.h"
#include "reports/report_html.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

struct ReportOptions {
  std::vector<std::string> results;
  std::string output;
};

Result<ExitStatus> write_report(const ReportOptions& options) {
  DF_ASSIGN(const std::vector<SweepResult> results, read_sweep_results(options.results));
  const auto recommendation = recommend(results.front());
  DF_TRY(write_file_atomically(options.output, as_bytes(report_html(results.front(), recommendation))));
  fmt::print(stderr, "wrote {}\n", options.output);
  if (recommendation) return ExitStatus::done;
  fmt::print(stderr, "depthfinder: no recommendation: {}\n", recommendation.error().message);
  return ExitStatus::invalid;
}

}  // namespace

void add_report_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "Write the HTML report of a result");
  command->footer("\nExample:\n  depthfinder report results/quickstart/result.json -o report.html");
  command->add_option("RESULT", options->results, "result.json of a sweep")->required();
  command->add_option("-o,--output", options->output, "The HTML file to write")->required();
  command->callback(
      [options, &chosen] { chosen = [options](const std::stop_token&) { return write_report(*options); }; });
}

}  // namespace depthfinder
