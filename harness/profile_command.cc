// SPDX-License-Identifier: MIT
// depthfinder profile: what each stage of a restore costs on this host, and the floor that follows.
#include <fmt/format.h>
#include <unistd.h>

#include "harness/commands.h"
#include "harness/cpu_mask.h"
#include "harness/profile/measure_profile.h"
#include "harness/profile/profile_json.h"
#include "harness/profile/profile_text.h"
#include "harness/profile/stored_profile.h"
#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

struct ProfileFlags {
  bool json = false, quick = false, if_missing = false;
  std::string output;
  std::string cpu_features = "all";
};

constexpr const char* kProfileExamples =
    "\nExamples:\n"
    "  depthfinder profile\n"
    "  depthfinder profile --json -o profile.json\n"
    "  depthfinder profile --cpu-features no-sha-ni --quick\n"
    "The floor is the CPU time that the unavoidable work of a restored byte costs\n"
    "here: TLS, CRC, decryption, decompression, SHA-256 by the cheapest kernel.\n"
    "The profile is also kept in $XDG_CACHE_HOME or ~/.cache, one for each CPU and\n"
    "CPU mask; a quick one does not replace a full one. Measure on a quiet host: the\n"
    "spread says how quiet it was.\n"
    "Exit status: 0 measured, 2 usage, 6 failed, 130 interrupted.";

// One line that is written over, on a terminal only.
class ProgressLine {
 public:
  ProgressLine() : shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (shown_) fmt::print(stderr, "\r{:<40}\r", "");
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(std::string_view stage, double done) const {
    if (shown_) fmt::print(stderr, "\rprofile: {:>3.0f}% {:<20}", 100 * done, stage);
  }

 private:
  bool shown_;
};

// For restores to find. That it could not be kept is worth a warning and no more.
void keep(const Profile& profile) {
  if (const auto stored = stored_profile(); stored && !stored->quick && profile.quick) return;
  const auto path = store_profile(profile);
  if (path) {
    fmt::print(stderr, "kept as {}\n", path->string());
  } else {
    fmt::print(stderr, "depthfinder: warning: the profile is not kept: {}\n", path.error().message);
  }
}

Result<Profile> measure(const ProfileFlags& flags, const std::stop_token& stop) {
  const ProgressLine line;
  return measure_profile(flags.quick ? ProfileEffort::quick : ProfileEffort::full, stop,
                         [&line](std::string_view stage, double done) { line.show(stage, done); });
}

Result<ExitStatus> run_profile(const ProfileFlags& flags, const std::stop_token& stop) {
  DF_TRY(apply_cpu_features(flags.cpu_features));
  if (flags.if_missing && stored_profile()) return ExitStatus::done;
  DF_ASSIGN(const Profile profile, measure(flags, stop));
  const std::string json = profile_json(profile) + "\n";
  if (!flags.output.empty()) DF_TRY(write_file_atomically(flags.output, as_bytes(json)));
  if (flags.json && flags.output.empty()) fmt::print("{}", json);
  if (!flags.json) fmt::print("{}", profile_text(profile));
  keep(profile);
  return ExitStatus::done;
}

}  // namespace

void add_profile_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ProfileFlags>();
  CLI::App* command = app.add_subcommand("profile", "Measure what each stage of a restore costs here");
  command->footer(kProfileExamples);
  command->add_flag("--json", flags->json, "Print JSON instead of a table");
  command->add_flag("--quick", flags->quick, "In about a second, and less exact");
  command
      ->add_option("--cpu-features", flags->cpu_features,
                   "all, or what to do without: no-sha-ni,no-avx512,no-avx2")
      ->capture_default_str();
  command->add_flag("--if-missing", flags->if_missing, "Do nothing where one is kept for this CPU mask");
  command->add_option("-o,--output", flags->output, "Write the JSON to a file");
  command->callback([flags, &chosen] {
    chosen = [flags](const std::stop_token& stop) { return run_profile(*flags, stop); };
  });
}

}  // namespace depthfinder
