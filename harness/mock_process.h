// SPDX-License-Identifier: MIT
// MockProcess: `depthfinder serve` as a child process, so that its CPU time and memory are never mixed with
// the client's. Used by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/child_process.h"
#include "reports/result.h"
#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"
#include "scenarios/scenario.h"

namespace depthfinder {

// What a client needs to know; read from the server's ready file.
struct MockAccess {
  std::string repository, fingerprint;
  Secret password;
  std::string snapshot, archive;
};

class MockProcess {
 public:
  // Starts it and waits until it accepts connections; `keyfile` is empty for a plain image, `seed` (up to 2^53 - 1)
  // takes the place of the scenario's server seed. Errors: io, timeout, cancelled, and what the server says when it
  // ends at once.
  static Result<MockProcess> start(const Scenario& scenario, std::uint64_t seed,
                                   const std::filesystem::path& directory,
                                   const std::filesystem::path& keyfile, const std::stop_token& stop);

  [[nodiscard]] const MockAccess& access() const { return access_; }

  // What it says that it served since the last call, or since it started; its models begin anew too, so that
  // every trial meets the same server. Errors: connection, timeout, protocol, cancelled.
  Result<TrialAudit> take_audit(const std::stop_token& stop);

  // When it served the first chunks since then. Errors: likewise, and protocol where there were none.
  Result<std::vector<ChunkTiming>> timeline(const std::stop_token& stop);

  // CPU time of the server process so far, from /proc; nothing where that cannot be read.
  [[nodiscard]] std::optional<double> cpu_s() const;

  // Ends it and waits. Errors: timeout, io.
  Result<ChildOutcome> stop();

 private:
  MockProcess(ChildProcess child, MockAccess access) : child_(std::move(child)), access_(std::move(access)) {}

  // The body of a GET below /depthfinder/.
  Result<std::string> ask(const std::string& what, const std::stop_token& stop);

  ChildProcess child_;
  MockAccess access_;
};

}  // namespace depthfinder
