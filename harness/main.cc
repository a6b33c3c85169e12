// SPDX-License-Identifier: MIT
// depthfinder: the command line. It knows the subcommands and the exit statuses, nothing else.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/interrupts.h"
#include "harness/standard_streams.h"
#include "harness/version.h"
#include "restore_core/base/printable.h"

namespace {

using depthfinder::Command;
using depthfinder::ExitStatus;

constexpr const char* kAbout =
    "Measures how a Proxmox Backup image restore behaves as its buffer depth, worker\n"
    "threads and CPU features change, and says which setting to use and why.";

constexpr const char* kFooter =
    "\nExamples:\n"
    "  depthfinder sweep quickstart -o results/quickstart\n"
    "  depthfinder serve --synthetic size=1GiB --latency 20ms --ready-file ready.json\n"
    "  depthfinder restore vm/100/2025-07-07T08:00:00Z drive-scsi0.img disk.raw \\\n"
    "      --repository root@pam@pbs.example:8007:tank --depth 16 --threads 4\n"
    "\nExit status: 0 done, 1 regression, 2 usage or bad input, 3 inconclusive,\n"
    "  4 restored bytes or a digest wrong, 5 measurement invalid, 6 failed at run\n"
    "  time, 130 interrupted.\n"
    "Each command's --help shows its options and examples.";

// An error may quote what a server, a file or a device said: it stays one line.
std::string one_line(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  return depthfinder::printable(message);
}

int status_of(ExitStatus status) { return static_cast<int>(status); }

int run(int argc, char** argv) {
  depthfinder::prepare_standard_streams();
  depthfinder::Interrupts interrupts;
  CLI::App app(kAbout, "depthfinder");
  app.footer(kFooter);
  app.set_version_flag("--version", depthfinder::version_text());
  app.require_subcommand(1);
  app.get_formatter()->column_width(24);

  Command chosen;
  add_sweep_command(app, chosen);
  add_recommend_command(app, chosen);
  add_report_command(app, chosen);
  add_compare_command(app, chosen);
  add_gate_command(app, chosen);
  add_selftest_command(app, chosen);
  add_merge_command(app, chosen);
  add_restore_command(app, chosen);
  add_serve_command(app, chosen);
  add_ingest_command(app, chosen);
  add_profile_command(app, chosen);
  add_bystander_command(app, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : status_of(ExitStatus::usage);
  }
  auto status = chosen(interrupts.token());
  if (const auto results = depthfinder::flush_results(); status && !results)
    status = tl::make_unexpected(results.error());
  if (status) return status_of(*status);
  fmt::print(stderr, "depthfinder: {}\n", one_line(status.error().message));
  return status_of(exit_status_of(status.error()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthfinder: {}\n", one_line(error.what()));
    return status_of(ExitStatus::failed);
  }
}
