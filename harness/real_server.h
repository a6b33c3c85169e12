// SPDX-License-Identifier: MIT
// A sweep's server when that is a real one: what was asked for is looked up before anything is measured, and each trial is
// a restore from it to nowhere. It is read from only. Used by one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/mock_process.h"
#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct RealServerFlags {
  std::string repository, fingerprint, ns, snapshot, archive, keyfile;
  bool require_signature = false;
};

// Holds secrets: never printed, never stored.
struct RealServer {
  MockAccess access;  // the fingerprint may be empty
  std::string ns;
  std::filesystem::path keyfile;
  std::optional<Secret> key_password;
  std::string host;               // to be taken out of messages
  std::uint64_t image_bytes = 0;  // of the archive
  std::uint64_t trial_bytes_max =
      0;  // that one restore reads at most: every chunk that is not zero, unencoded
  bool encrypted = false;
  bool require_signature = false;
};

// Logs in and reads the manifest and the index. Errors: bad_input, auth, connection, timeout, protocol, not_found,
// corrupt, cancelled.
Result<RealServer> find_real_server(const RealServerFlags& flags, const std::stop_token& stop);

// As run_trial(), without an audit: nobody can ask a real server what it served. Passwords go by the environment.
Trial run_real_trial(const Cell& cell, const Scenario& scenario, const RealServer& server,
                     const std::stop_token& stop);

// The text with every mention of the server's host taken out.
std::string without_host(std::string text, const std::string& host);

}  // namespace depthfinder
