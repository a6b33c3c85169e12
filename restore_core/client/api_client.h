// SPDX-License-Identifier: MIT
// The management calls around a restore (pbs-protocol E.7): what the server is, and which snapshots it holds.
// Each call logs in by itself, blocks the calling thread, and ends at once when `stop` is asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"
#include "restore_core/client/rest_request.h"
#include "restore_core/client/server_access.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {

struct ServerVersion {
  std::string version;  // "3.2"
  std::string release;  // "4"
  std::string repository_id;
};

struct SnapshotFile {
  std::string name;
  std::optional<std::uint64_t> size_bytes;  // absent for what is not in the manifest
};

struct SnapshotEntry {
  SnapshotName name;
  std::vector<SnapshotFile> files;

  [[nodiscard]] bool is_finished() const;  // it has a manifest
};

// Which snapshots to list; empty members do not restrict.
struct SnapshotFilter {
  std::optional<BackupType> type;
  std::string id;
};

struct CallTimeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds answer = kAnswerTimeout;  // to a login, and to the call
};

// Errors of all: auth, connection, timeout, protocol, not_found, cancelled.
Result<ServerVersion> version(const ServerAccess& access, std::stop_token stop,
                              const CallTimeouts& timeouts = {});

// In the order of type, id and time.
Result<std::vector<SnapshotEntry>> snapshots(const ServerAccess& access, const Namespace& ns,
                                             const SnapshotFilter& filter, std::stop_token stop,
                                             const CallTimeouts& timeouts = {});

// The newest finished snapshot of a group. Error also: not_found, when the group has none.
Result<SnapshotName> newest_snapshot(const ServerAccess& access, const Namespace& ns, BackupType type,
                                     std::string_view id, std::stop_token stop,
                                     const CallTimeouts& timeouts = {});

// "vm/100/2025-07-07T08:00:00Z" as it is, without asking; of "vm/100", a group, the newest. Errors also: bad_input.
Result<SnapshotName> find_snapshot(const ServerAccess& access, const Namespace& ns, const std::string& text,
                                   std::stop_token stop, const CallTimeouts& timeouts = {});

// The answers' "data" parsed; pure. Error: protocol.
Result<std::vector<SnapshotEntry>> parse_snapshot_list(std::string_view json);
Result<ServerVersion> parse_version(std::string_view json);

}  // namespace depthfinder
