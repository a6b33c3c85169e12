// SPDX-License-Identifier: MIT
// depthfinder compare: two stored results, as a trend. It proves nothing, and never fails a job.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_file.h"
#include "reports/compare.h"

namespace depthfinder {
namespace {

struct CompareFlags {
  std::string before, after;
  bool json = false;
};

Result<ExitStatus> compare(const CompareFlags& flags) {
  DF_ASSIGN(const SweepResult before, read_result_file(flags.before));
  DF_ASSIGN(const SweepResult after, read_result_file(flags.after));
  const Comparison comparison = compare_results(before, after);
  fmt::print("{}", flags.json ? comparison_json(comparison) : comparison_text(comparison));
  return comparison.cells.empty() ? ExitStatus::invalid : ExitStatus::done;
}

}  // namespace

void add_compare_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<CompareFlags>();
  CLI::App* command = app.add_subcommand("compare", "Two stored results, cell by cell: trend only");
  command->footer(
      "\nExample:\n  depthfinder compare monday/result.json friday/result.json\n"
      "Status 5: no cell was validly measured in both. To judge a change, use gate.");
  command->add_option("BEFORE", flags->before, "result.json of the earlier sweep")->required();
  command->add_option("AFTER", flags->after, "result.json of the later one")->required();
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token&) { return compare(*flags); }; });
}

}  // namespace depthfinder
