// SPDX-License-Identifier: MIT
#include "harness/mock_process.h"

#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "harness/mock_metrics.h"
#include "restore_core/base/file.h"
#include "restore_core/client/rest_request.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/repository.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr std::chrono::seconds kStartTimeout{120};  // making a large image takes a while
constexpr std::chrono::milliseconds kReadyPoll{5};
constexpr std::chrono::seconds kMetricsTimeout{10};

// The server reads the scenario from a file beside its ready file.
Result<std::vector<std::string>> serve_arguments(const Scenario& scenario, std::uint64_t seed,
                                                 const std::filesystem::path& ready_file,
                                                 const std::filesystem::path& keyfile) {
  const std::filesystem::path scenario_file = ready_file.parent_path() / "scenario.json";
  DF_TRY(write_file_atomically(scenario_file, as_bytes(scenario_json(scenario)), 0600));
  std::vector<std::string> arguments{
      "serve",        "--scenario",       scenario_file.string(), "--seed", std::to_string(seed),
      "--ready-file", ready_file.string()};
  if (!keyfile.empty()) {
    arguments.emplace_back("--keyfile");
    arguments.push_back(keyfile.string());
  }
  return arguments;
}

Result<MockAccess> read_ready_file(const std::filesystem::path& path) {
  DF_ASSIGN(const Bytes bytes, read_file(path, 64 << 20));
  try {
    const auto ready = nlohmann::json::parse(as_text(bytes));
    const auto& snapshot = ready.at("snapshots").at(0);
    std::string archive;
    for (const auto& candidate : snapshot.at("archives")) {
      const auto name = candidate.at("name").get<std::string>();
      if (archive.empty() && name.ends_with(".fidx")) archive = name;
    }
    return MockAccess{ready.at("repository"), ready.at("fingerprint"),
                      ready.at("password").get_ref<const std::string&>(), snapshot.at("snapshot"), archive};
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::protocol, "{} cannot be read: {}", path.string(), error.what());
  }
}

Result<void> wait_until_ready(ChildProcess& child, const std::filesystem::path& ready_file,
                              const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!std::filesystem::exists(ready_file)) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "interrupted");
    if (!child.running()) {
      DF_ASSIGN(const ChildOutcome outcome, child.wait(std::chrono::seconds(1), stop));
      return fail(ErrorKind::io, "the mock server ended with status {}: {}", outcome.exit_status,
                  outcome.errors);
    }
    if (std::chrono::steady_clock::now() > deadline)
      return fail(ErrorKind::timeout, "the mock server was not ready after {} s", kStartTimeout.count());
    std::this_thread::sleep_for(kReadyPoll);
  }
  return {};
}

}  // namespace

Result<MockProcess> MockProcess::start(const Scenario& scenario, std::uint64_t seed,
                                       const std::filesystem::path& directory,
                                       const std::filesystem::path& keyfile, const std::stop_token& stop) {
  const std::filesystem::path ready_file = directory / "ready.json";
  std::error_code ignored;
  std::filesystem::remove(ready_file, ignored);
  DF_ASSIGN(std::vector<std::string> arguments, serve_arguments(scenario, seed, ready_file, keyfile));
  // The server is the yardstick: no CPU mask of the outer environment reaches it.
  const ChildSpec spec{own_program(), std::move(arguments), {{"OPENSSL_ia32cap", std::nullopt}}};
  DF_ASSIGN(ChildProcess child, ChildProcess::start(spec));
  DF_TRY(wait_until_ready(child, ready_file, stop));
  DF_ASSIGN(MockAccess access, read_ready_file(ready_file));
  return MockProcess(std::move(child), std::move(access));
}

Result<std::string> MockProcess::ask(const std::string& what, const std::stop_token& stop) {
  DF_ASSIGN(const Repository repository, parse_repository(access_.repository));
  DF_ASSIGN(const Digest fingerprint, parse_fingerprint(access_.fingerprint));
  DF_ASSIGN(const std::unique_ptr<Wakeup> wakeup, Wakeup::create());
  const std::stop_callback on_stop(stop, [&wakeup] { wakeup->cancel(); });
  const std::string path = "/depthfinder/" + what;
  DF_ASSIGN(RestResponse response,
            perform({repository, {}, fingerprint}, {path, {}, {}, 1 << 20}, kMetricsTimeout, *wakeup));
  if (response.status != 200)
    return fail(ErrorKind::protocol, "the mock server answered {} to {}: {}", response.status, path,
                response.body.text());
  return std::string(response.body.text());
}

Result<TrialAudit> MockProcess::take_audit(const std::stop_token& stop) {
  DF_ASSIGN(const std::string metrics, ask("metrics?reset=1", stop));
  return parse_mock_metrics(metrics);
}

Result<std::vector<ChunkTiming>> MockProcess::timeline(const std::stop_token& stop) {
  DF_ASSIGN(const std::string requests, ask(fmt::format("requests?earliest={}", kTimelineRowsMax), stop));
  return parse_mock_timeline(requests);
}

std::optional<double> MockProcess::cpu_s() const {
  const auto bytes = read_file(fmt::format("/proc/{}/stat", child_.pid()), 1 << 16);
  if (!bytes) return std::nullopt;
  const std::string_view text = as_text(*bytes);
  const std::size_t after_name = text.rfind(')');  // the name may hold blanks and parentheses
  if (after_name == std::string_view::npos) return std::nullopt;
  std::istringstream fields{std::string(text.substr(after_name + 1))};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;  // fields 3 to 13 of proc(5)
  std::uint64_t user_ticks = 0, system_ticks = 0;
  if (!(fields >> user_ticks >> system_ticks)) return std::nullopt;
  return static_cast<double>(user_ticks + system_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Result<ChildOutcome> MockProcess::stop() {
  child_.terminate();
  return child_.wait(std::chrono::seconds(10), std::stop_token());
}

}  // namespace depthfinder
