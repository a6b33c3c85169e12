// SPDX-License-Identifier: MIT
// depthfinder recommend: which setting to use, a pure function of result files.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_files.h"
#include "reports/recommendations.h"
#include "restore_core/base/printable.h"

namespace depthfinder {
namespace {

struct RecommendOptions {
  std::vector<std::string> results;
  bool json = false;
  bool settings = false;
};

// Results without a cell that counts; the files themselves were read.
ExitStatus no_recommendation(const Error& error) {
  fmt::print(stderr, "depthfinder: no recommendation: {}\n", printable(error.message));
  return ExitStatus::invalid;
}

void name_off_target(const Recommendations& all) {
  for (const Recommendation& recommendation : all.each)
    if (recommendation.rests_on_off_target())
      fmt::print(stderr,
                 "depthfinder: scenario {}: the verdict rests on cells where the mock was off target\n",
                 recommendation.scenario);
}

Result<ExitStatus> recommend_results(const RecommendOptions& options) {
  DF_ASSIGN(const std::vector<SweepResult> results, read_sweep_results(options.results));
  const auto all = recommend_all(results);
  if (!all) return no_recommendation(all.error());
  std::string text = options.json ? recommendations_json(*all) : recommendations_text(*all);
  if (options.settings) {
    DF_ASSIGN(text, settings_text(*all));
  }
  fmt::print("{}", text);
  name_off_target(*all);
  return all->rests_on_off_target() ? ExitStatus::invalid : ExitStatus::done;
}

}  // namespace

void add_recommend_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<RecommendOptions>();
  CLI::App* command = app.add_subcommand("recommend", "Say which setting to use, and why, from results");
  command->footer(
      "\nExamples:\n"
      "  depthfinder recommend results/quickstart/result.json\n"
      "  depthfinder recommend --json results/*/result.json\n"
      "  depthfinder recommend --settings merged.json >/etc/default/pbs-restore\n"
      "Several results: one setting for all, with the table of what each loses.\n"
      "Status 5: the verdict rests on cells where the mock server was off target.");
  command->add_option("RESULT", options->results, "result.json of a sweep, or a merge")->required();
  auto* json = command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--settings", options->settings, "Print environment lines to paste")->excludes(json);
  command->callback([options, &chosen] {
    chosen = [options](const std::stop_token&) { return recommend_results(*options); };
  });
}

}  // namespace depthfinder
