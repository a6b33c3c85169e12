// SPDX-License-Identifier: MIT
// RestoreSettings: what `depthfinder restore` is asked to do, checked before the network is touched, so that a wrong
// setting costs nothing. RestoreFlags is the command line as it was typed. Plain values; settings hold secrets and are
// never printed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/bystander/bystander_spec.h"
#include "harness/restore_floor.h"
#include "restore_core/base/result.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/strategy.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/sink/sink.h"
#include "scenarios/bystander_budget.h"

namespace depthfinder {

struct RestoreFlags {
  std::string snapshot, archive, target;
  std::vector<std::string> more;  // further pairs of archive and target
  std::string repository, fingerprint, ns, keyfile;
  std::string strategy = "spawned";
  std::string depth, threads, writers, zeros;
  std::string buffers = "pool";
  std::string chunk_cache = "0";
  std::string memory = "256MiB";
  std::string connections = "1";
  std::string http2_window, http2_frame;
  std::string cpu_features = "all";
  std::string timeout = "30s";
  std::string retry_for = "20s";
  std::string floor = "measured";
  std::string bystander, bystander_budget;
  std::string bystander_alone = "3s";
  std::optional<std::string> record_latency;
  bool one_by_one = false, json = false, digest = false, overwrite = false, quiet = false;
  bool resume = false, reuse_target = false, require_signature = false;
};

// Declares the options on `command`; `flags` outlives it.
void add_restore_flags(CLI::App& command, RestoreFlags& flags);

struct ArchiveTarget {
  std::string archive;  // complete: "drive-scsi0.img.fidx"
  std::string target;
};

struct RestoreSettings {
  ServerAccess access;
  Namespace ns;
  std::vector<ArchiveTarget> archives;
  std::optional<CryptConfig> key;
  EngineSettings engine;
  std::uint64_t memory_budget_bytes = 0;  // of chunk buffers, where the depth is automatic
  ReaderOptions reader;
  FloorSource floor = FloorSource::measured;
  OldData old_data = OldData::drop;  // of the targets
  std::optional<BystanderSpec> bystander;
  std::optional<BystanderBudget> bystander_budget;
  Nanoseconds bystander_alone{0};
};

// A file or a device, not a sink of another kind.
[[nodiscard]] bool names_path(const std::string& target);

// Asks for the password where it is neither given nor in the environment. Errors: bad_input, cancelled.
Result<RestoreSettings> restore_settings(const RestoreFlags& flags, const std::stop_token& stop);

}  // namespace depthfinder
