// SPDX-License-Identifier: MIT
// depthfinder bystander: short periodic work, timed, as a neighbour of a restore would do it.
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/bystander/bystander_loop.h"
#include "harness/bystander/bystander_spec.h"
#include "harness/bystander/bystander_stats.h"
#include "harness/bystander/command_run.h"
#include "harness/bystander/control_input.h"
#include "harness/bystander/cpu_work.h"
#include "harness/bystander/line_output.h"
#include "harness/bystander/report_line.h"
#include "harness/bystander/sync_writer.h"
#include "harness/commands.h"
#include "restore_core/base/units.h"
#include "scenarios/bystander_budget.h"

namespace depthfinder {
namespace {

constexpr const char* kBystanderExamples =
    "\nExamples:\n"
    "  depthfinder bystander --kind cpu --duration 10s\n"
    "  depthfinder bystander --kind both --directory /var/lib/vz --json >beside.jsonl\n"
    "  depthfinder bystander --command 'psql -qc \"select 1\"' --duration 1m\n"
    "Every period it mixes integers for about --work (cpu), writes 4 KiB and waits\n"
    "until they are on stable storage (sync-write), or does one after the other\n"
    "(both). A sample is the time from when the work was due to its end; periods that\n"
    "were missed count their waiting. A command is timed from its start, and begins\n"
    "again with the next period, or at once where it took longer.\n"
    "The amount of CPU work is calibrated once and printed: --work-units does the\n"
    "same amount another time. It ends after --duration, on SIGINT or SIGTERM, and\n"
    "when a pipe on its standard input closes; a line there makes --json report at\n"
    "once. With --json each 100 ms are one line: {\"t_s\", \"samples_ms\"}.";

struct BystanderFlags {
  std::optional<std::string> kind, command, period, work, work_units, directory, duration;
  bool json = false;
};

Result<BystanderSpec> spec_of(const BystanderFlags& flags) {
  const std::string text =
      flags.command ? std::string(kBystanderCommand) + *flags.command : flags.kind.value_or("cpu");
  if (flags.kind && flags.kind->starts_with(kBystanderCommand))
    return fail(ErrorKind::bad_input, "--kind is cpu, sync-write or both; for a command use --command CMD");
  DF_ASSIGN(BystanderSpec spec, parse_bystander(text));
  if (!spec.uses_cpu() && (flags.work || flags.work_units))
    return fail(ErrorKind::bad_input, "--work and --work-units are for the kinds cpu and both");
  if (!spec.writes() && flags.directory)
    return fail(ErrorKind::bad_input, "--directory is for the kinds sync-write and both");
  if (flags.directory) spec.directory = *flags.directory;
  if (flags.period) {
    DF_ASSIGN(spec.period, parse_duration(*flags.period));
  }
  if (flags.work) {
    DF_ASSIGN(spec.work, parse_duration(*flags.work));
  }
  if (flags.work_units) {
    DF_ASSIGN(spec.work_units, parse_count("--work-units", *flags.work_units, 1, kBystanderWorkUnitsMax));
  }
  DF_TRY(check_bystander(spec));
  return spec;
}

// Keeps the samples for the summary, and prints them as they come where that was asked for.
class Listener final : public BystanderListener {
 public:
  explicit Listener(bool json) : json_(json), output_(STDOUT_FILENO) {}

  void send(const BystanderLine& line) {
    if (json_) output_.send(bystander_line(line));
  }
  void on_report(const BystanderReport& report) override {
    samples_ms_.insert(samples_ms_.end(), report.samples_ms.begin(), report.samples_ms.end());
    send(report);
  }
  void on_mark() override { send(BystanderMark{++marks_}); }

  [[nodiscard]] bool nobody_reads() const { return output_.broken(); }

  std::optional<BystanderStats> finish() {
    const std::optional<BystanderStats> stats = bystander_stats(samples_ms_);
    send(BystanderSummary{stats});
    output_.finish();
    return stats;
  }

 private:
  bool json_;
  LineOutput output_;
  std::uint64_t marks_ = 0;
  std::vector<double> samples_ms_;
};

// The work of one kind, with what it needs.
struct Work {
  CpuWork cpu;
  std::optional<SyncWriter> writer;

  Result<void> run(const BystanderSpec& spec, ControlInput& control) {
    if (spec.kind == BystanderKind::command) return run_command(spec.command, control);
    if (spec.uses_cpu()) cpu.run(spec.work_units);
    if (spec.writes()) return writer->write();
    return {};
  }
};

void print_summary(const BystanderSpec& spec, const std::optional<BystanderStats>& stats) {
  fmt::print("{}, every {}", bystander_text(spec), format_duration(spec.period));
  if (spec.uses_cpu()) fmt::print(", {} units of work", spec.work_units);
  if (!stats) {
    fmt::print(": no sample\n");
    return;
  }
  fmt::print(": {} samples\np50 {:.3f} ms, p99 {:.3f} ms, ", stats->samples, stats->p50_ms, stats->p99_ms);
  if (stats->p999_ms) fmt::print("p99.9 {:.3f} ms, ", *stats->p999_ms);
  fmt::print("longest {:.3f} ms\n", stats->max_ms);
}

Result<ExitStatus> bystander(const BystanderFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(BystanderSpec spec, spec_of(flags));
  BystanderLoopSettings settings{.period = spec.period, .duration = std::nullopt};
  if (spec.kind == BystanderKind::command) settings.from = TimedFrom::start;
  if (flags.duration) {
    DF_ASSIGN(settings.duration, parse_duration(*flags.duration));
    if (*settings.duration == Nanoseconds::zero())
      return fail(ErrorKind::bad_input, "--duration must be longer than 0");
  }
  DF_ASSIGN(const std::unique_ptr<ControlInput> control, ControlInput::create(STDIN_FILENO, stop));
  const SteadyClock clock;
  Work work;
  if (spec.writes()) {
    DF_ASSIGN(SyncWriter writer, SyncWriter::create(spec.directory));
    work.writer.emplace(std::move(writer));
  }
  if (spec.writes() && !flags.json && is_in_memory(spec.directory))
    fmt::print(stderr, "{} is in memory: writes there wait for no device\n", spec.directory.string());
  if (spec.uses_cpu() && spec.work_units == 0) spec.work_units = calibrated_units(spec.work, clock);

  Listener listener(flags.json);
  const double period_ms = to_seconds(spec.period) * 1e3;
  listener.send(BystanderHello{bystander_text(spec), period_ms, spec.uses_cpu() ? spec.work_units : 0});
  const auto run_once = [&]() -> Result<void> {
    if (listener.nobody_reads()) return fail(ErrorKind::cancelled, "standard output is closed");
    return work.run(spec, *control);
  };
  const Result<void> outcome = run_bystander(settings, clock, *control, run_once, listener);
  const std::optional<BystanderStats> stats = listener.finish();
  if (!outcome) return pass_on(outcome.error());
  if (!flags.json) print_summary(spec, stats);
  return ExitStatus::done;
}

}  // namespace

void add_bystander_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<BystanderFlags>();
  CLI::App* command = app.add_subcommand("bystander", "Time short periodic work, alone or beside a restore");
  command->footer(kBystanderExamples);
  auto* kind = command->add_option("--kind", flags->kind, "cpu (default), sync-write or both");
  command->add_option("--command", flags->command, "Run this command again and again instead")
      ->excludes(kind);
  command->add_option("--period", flags->period, "Between two works (default 5ms; 100ms for a command)");
  auto* work = command->add_option("--work", flags->work, "CPU work per period, calibrated (default 1ms)");
  command->add_option("--work-units", flags->work_units, "The same amount as another run printed")
      ->excludes(work);
  command->add_option("--directory", flags->directory, "Where the file for writes is made (default .)");
  command->add_option("--duration", flags->duration, "End after this long");
  command->add_flag("--json", flags->json, "Print samples as they come, one JSON object a line");
  command->callback([flags, &chosen] {
    chosen = [flags](const std::stop_token& stop) { return bystander(*flags, stop); };
  });
}

}  // namespace depthfinder
