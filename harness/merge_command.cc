// SPDX-License-Identifier: MIT
// depthfinder merge: several results in one file.
#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/result_files.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

struct MergeOptions {
  std::vector<std::string> results;
  std::string output;
};

Result<ExitStatus> merge_results(const MergeOptions& options) {
  DF_ASSIGN(const auto stored, read_result_files(options.results));
  DF_TRY(write_file_atomically(options.output, as_bytes(bundle_json(stored))));
  fmt::print(stderr, "wrote {} ({} {})\n", options.output, stored.size(),
             stored.size() == 1 ? "result" : "results");
  return ExitStatus::done;
}

}  // namespace

void add_merge_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* command = app.add_subcommand("merge", "Put several results into one file");
  command->footer(
      "\nExample:\n"
      "  depthfinder merge host-a/result.json host-b/result.json -o merged.json\n"
      "Each result is kept whole; recommend and report read the file like its parts.\n"
      "The order of the arguments does not matter, and a sweep given twice is refused.");
  command->add_option("RESULT", options->results, "result.json of a sweep, or an earlier merge")->required();
  command->add_option("-o,--output", options->output, "The file to write")->required();
  command->callback(
      [options, &chosen] { chosen = [options](const std::stop_token&) { return merge_results(*options); }; });
}

}  // namespace depthfinder
