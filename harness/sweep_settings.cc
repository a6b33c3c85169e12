// SPDX-License-Identifier: MIT
#include "harness/sweep_settings.h"

#include <nlohmann/json.hpp>

#include "harness/host_profile.h"
#include "restore_core/base/units.h"
#include "scenarios/exact_units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

constexpr int kBlocksMax = 1000;
constexpr std::size_t kAxisItemsMax = 64;
constexpr int kAxisValueMax = 4096;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char letter : text)
    if (letter == separator)
      parts.emplace_back();
    else
      parts.back() += letter;
  return parts;
}

// "4..32/4": from, to, step; the step is 1 where it is left out.
Result<void> add_range(const std::string& flag, const std::string& item, ordered_json& values) {
  const std::size_t dots = item.find("..");
  const std::size_t slash = item.find('/', dots);
  const std::string last = item.substr(dots + 2, slash == std::string::npos ? slash : slash - dots - 2);
  DF_ASSIGN(const std::uint64_t from, parse_count(flag, item.substr(0, dots), 1, kAxisValueMax));
  DF_ASSIGN(const std::uint64_t to, parse_count(flag, last, 1, kAxisValueMax));
  std::uint64_t step = 1;
  if (slash != std::string::npos) {
    DF_ASSIGN(step, parse_count(flag, item.substr(slash + 1), 1, kAxisValueMax));
  }
  if (to < from) return fail(ErrorKind::bad_input, "{} {}: the range ends before it begins", flag, item);
  for (std::uint64_t value = from; value <= to && values.size() <= kAxisItemsMax; value += step)
    values.push_back(value);
  return {};
}

// "1,2,4..32/4,auto"; what the numbers may be is the scenario schema's to say.
Result<ordered_json> counts(const std::string& flag, const std::string& text) {
  ordered_json values = ordered_json::array();
  for (const std::string& item : split(text, ',')) {
    if (item == "auto") {
      values.push_back(item);
    } else if (item.find("..") != std::string::npos) {
      DF_TRY(add_range(flag, item, values));
    } else {
      DF_ASSIGN(const std::uint64_t value, parse_count(flag, item, 1, kAxisValueMax));
      values.push_back(value);
    }
  }
  if (values.size() > kAxisItemsMax)
    return fail(ErrorKind::bad_input, "{} {}: more than {} values", flag, text, kAxisItemsMax);
  return values;
}

Result<void> add_axes(const SweepFlags& flags, ordered_json& axes) {
  if (!flags.strategy.empty()) axes["strategy"] = split(flags.strategy, ',');
  if (!flags.sha_ni.empty()) axes["sha_ni"] = split(flags.sha_ni, ',');
  if (!flags.depth.empty()) {
    DF_ASSIGN(axes["depth"], counts("--depth", flags.depth));
  }
  if (!flags.threads.empty()) {
    DF_ASSIGN(axes["threads"], counts("--threads", flags.threads));
  }
  if (!flags.connections.empty()) {
    DF_ASSIGN(axes["connections"], counts("--connections", flags.connections));
  }
  return {};
}

// Read back strictly, so that flags are held to what a file is.
Result<Scenario> with_axes(const SweepFlags& flags, ordered_json document) {
  DF_TRY(add_axes(flags, document["axes"]));
  return parse_scenario(document.dump(), "sweep");
}

// What a sweep of a real server asks for where nothing else is said.
ordered_json plain_axes() {
  const char* own = host_has_sha_ni(host_info()) ? "on" : "off";
  ordered_json axes = ordered_json::object();
  axes["strategy"] = ordered_json::array({"spawned"});
  axes["depth"] = ordered_json::array({1, 2, 4, 8, 16, 32});
  axes["threads"] = ordered_json::array({1, 4});
  axes["connections"] = ordered_json::array({1});
  axes["sha_ni"] = ordered_json::array({own});
  return axes;
}

// A scenario in the form of a file, of which only the image's size is known and the server is none of ours.
Result<Scenario> real_scenario(const SweepFlags& flags, const RealServer& server) {
  ordered_json document = {{"axes", plain_axes()}, {"blocks", 10}, {"seed", 1}};
  std::string name = "real-server";
  if (!flags.scenario.empty()) {
    DF_ASSIGN(const Scenario base, load_scenario(flags.scenario));
    document = ordered_json::parse(scenario_json(base));
    document.erase("target");
    name = base.name + "-real-server";
  }
  document["name"] = name;
  document["title"] =
      fmt::format("{} of {} from a real server", server.access.archive, server.access.snapshot);
  document["about"] = "Restored from a real server to nowhere; image and server are what they are.";
  document["sources"] = "None.";
  document["image"] = {{"size", exact_bytes(server.image_bytes)}, {"encrypt", server.encrypted}};
  document["server"] = ordered_json::object();
  return with_axes(flags, std::move(document));
}

Result<Scenario> scenario_of(const SweepFlags& flags) {
  if (flags.scenario.empty())
    return fail(ErrorKind::bad_input,
                "sweep needs a scenario: a name of --list, or a file such as my-scenario.json");
  DF_ASSIGN(Scenario scenario, load_scenario(flags.scenario));
  const bool has_axes = !(flags.strategy.empty() && flags.depth.empty() && flags.threads.empty() &&
                          flags.connections.empty() && flags.sha_ni.empty());
  if (!has_axes) return scenario;
  return with_axes(flags, ordered_json::parse(scenario_json(scenario)));
}

Result<void> find_server(const SweepFlags& flags, SweepOptions& options, const std::stop_token& stop) {
  DF_ASSIGN(options.bytes_limit, parse_byte_count(flags.bytes_limit));
  DF_ASSIGN(options.real_server, find_real_server(flags.real, stop));
  const RealServer& server = *options.real_server;
  if (server.trial_bytes_max > *options.bytes_limit)
    return fail(
        ErrorKind::bad_input,
        "one restore of {} may read {}, more than --bytes-limit {}: raise it, or choose a smaller archive",
        server.access.archive, format_byte_count(server.trial_bytes_max), flags.bytes_limit);
  DF_ASSIGN(options.scenario, real_scenario(flags, server));
  return {};
}

Result<void> check_real_flags(const RealServerFlags& real) {
  if (!real.repository.empty()) return {};
  if (real.require_signature)
    return fail(ErrorKind::bad_input, "--require-signature is of a real server: it needs --repository");
  for (const auto& [flag, value] :
       {std::pair("--snapshot", &real.snapshot), std::pair("--archive", &real.archive),
        std::pair("--ns", &real.ns), std::pair("--fingerprint", &real.fingerprint),
        std::pair("--keyfile", &real.keyfile)})
    if (!value->empty())
      return fail(ErrorKind::bad_input, "{} is of a real server: it needs --repository", flag);
  return {};
}

}  // namespace

Result<SweepOptions> sweep_options(const SweepFlags& flags, const std::stop_token& stop) {
  SweepOptions options;
  DF_TRY(check_real_flags(flags.real));
  if (flags.real.repository.empty()) {
    DF_ASSIGN(options.scenario, scenario_of(flags));
  } else {
    DF_TRY(find_server(flags, options, stop));
  }
  options.directory = flags.output.empty() ? "results/" + options.scenario.name : flags.output;
  options.blocks = options.scenario.blocks;
  options.seed = options.scenario.seed;
  options.time_budget = options.scenario.time_budget;
  options.resume = flags.resume;
  options.racing = !flags.no_racing;
  if (!flags.blocks.empty()) {
    DF_ASSIGN(const std::uint64_t blocks, parse_count("--blocks", flags.blocks, 1, kBlocksMax));
    options.blocks = static_cast<int>(blocks);
    options.blocks_fixed = true;
  }
  if (!flags.seed.empty()) {
    DF_ASSIGN(options.seed, parse_count("--seed", flags.seed, 0, 1ULL << 53));
  }
  if (!flags.time_budget.empty()) {
    DF_ASSIGN(options.time_budget, parse_duration(flags.time_budget));
    if (options.time_budget->count() == 0)
      return fail(ErrorKind::bad_input, "--time-budget must be more than 0");
  }
  return options;
}

void add_sweep_flags(CLI::App& command, SweepFlags& flags) {
  command.add_option("SCENARIO", flags.scenario, "A shipped scenario's name, or a scenario file");
  command.add_option("-o,--output", flags.output, "Directory of the results (default: results/NAME)");
  command.add_option("--blocks", flags.blocks, "Make exactly so many blocks");
  command.add_option("--time-budget", flags.time_budget, "Begin no block that would end later, such as 2m");
  command.add_option("--seed", flags.seed, "Seed of the order of the cells in the blocks");
  command.add_flag("--no-racing", flags.no_racing, "Run every cell in every block");
  command.add_flag("--resume", flags.resume, "Go on with DIR/result.json");
  command.add_flag("--dry-run", flags.dry_run, "Show the cells and the expected duration, run nothing");
  command.add_flag("--list", flags.list, "List the shipped scenarios");
  command.add_flag("--require-quiet", flags.require_quiet, "End with status 5 when the host is noisy");
  command.add_flag("--json-lines", flags.json_lines, "Print one JSON object per event");
  command.add_option("--depth", flags.depth, "Depths instead of the scenario's: 1,2,4..32/4");
  command.add_option("--threads", flags.threads, "Likewise");
  command.add_option("--connections", flags.connections, "Likewise");
  command.add_option("--strategy", flags.strategy, "Strategies instead of the scenario's");
  command.add_option("--sha-ni", flags.sha_ni, "on, off, or on,off");
  command.add_option("--repository", flags.real.repository, "Restore from this real server, to nowhere");
  command.add_option("--snapshot", flags.real.snapshot, "What to restore from it; vm/100: its newest");
  command.add_option("--archive", flags.real.archive, "Likewise, such as drive-scsi0.img");
  command.add_option("--ns", flags.real.ns, "Namespace of the snapshot");
  command.add_option("--fingerprint", flags.real.fingerprint, "SHA-256 of the server's certificate");
  command.add_option("--keyfile", flags.real.keyfile, "Encryption key");
  command.add_flag("--require-signature", flags.real.require_signature,
                   "Refuse a manifest that is not signed with that key");
  command.add_option("--bytes-limit", flags.bytes_limit, "Read no more from it, in all")
      ->capture_default_str();
}

}  // namespace depthfinder
