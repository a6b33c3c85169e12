// SPDX-License-Identifier: MIT
#include "harness/bench/server_process.h"

#include <ctime>
#include <fstream>
#include <thread>

namespace depthfinder::bench {

namespace {
constexpr std::chrono::seconds kStartTimeout{120};  // making a large image takes a while
constexpr std::chrono::seconds kStopTimeout{20};
constexpr std::chrono::milliseconds kReadyPoll{5};
constexpr std::uint64_t kReadyBytesMax = 1 << 20;

Result<nlohmann::json> await_ready(ChildProcess& child, const std::filesystem::path& ready_file) {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!std::filesystem::exists(ready_file)) {
    if (!child.running()) {
      DF_ASSIGN(const ChildOutcome outcome, child.wait(std::chrono::seconds(1), {}));
      return fail(ErrorKind::io, "the server ended with status {}: {}", outcome.exit_status, outcome.errors);
    }
    if (std::chrono::steady_clock::now() > deadline)
      return fail(ErrorKind::timeout, "the server was not ready after {} s", kStartTimeout.count());
    std::this_thread::sleep_for(kReadyPoll);
  }
  DF_ASSIGN(const Bytes bytes, read_file(ready_file, kReadyBytesMax));
  nlohmann::json ready = nlohmann::json::parse(as_text(bytes), nullptr, false);
  if (!ready.is_object()) return fail(ErrorKind::io, "{} is no JSON object", ready_file.string());
  return ready;
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const std::string& program, std::vector<std::string> arguments) {
  DF_ASSIGN(TemporaryDirectory directory, TemporaryDirectory::make());
  const std::filesystem::path ready_file = directory.path() / "ready.json";
  arguments.emplace_back("--ready-file");
  arguments.push_back(ready_file.string());
  DF_ASSIGN(ChildProcess child, ChildProcess::start({program, std::move(arguments), {}}));
  DF_ASSIGN(nlohmann::json ready, await_ready(child, ready_file));
  return ServerProcess(std::move(directory), std::move(child), std::move(ready));
}

Result<double> ServerProcess::cpu_s() const {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid(), &clock) != 0 || clock_gettime(clock, &time) != 0)
    return fail(ErrorKind::io, "cannot read the CPU time of process {}", pid());
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Result<std::uint64_t> ServerProcess::status_bytes(std::string_view key) const {
  std::ifstream status(fmt::format("/proc/{}/status", pid()));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key) && line.substr(key.size()).starts_with(":"))
      return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10) << 10;
  return fail(ErrorKind::io, "no {} in the status of process {}", key, pid());
}

Result<ChildOutcome> ServerProcess::stop() {
  child_.terminate();
  return child_.wait(kStopTimeout, {});
}

}  // namespace depthfinder::bench
