// SPDX-License-Identifier: MIT
// Names: snapshots, namespaces, archives (pbs-protocol B.4, B.5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"

namespace depthfinder {

enum class BackupType { vm, ct, host };
std::string_view backup_type_name(BackupType type);  // "vm", "ct", "host"

struct SnapshotName {
  BackupType type = BackupType::vm;
  std::string id;
  std::int64_t time_s = 0;  // Unix seconds, >= 1

  // "vm/100/2024-05-17T08:00:00Z": also the path below the datastore (after the namespace).
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};

inline constexpr std::int64_t kSnapshotTimeMax =
    253402300799;  // 9999-12-31T23:59:59Z, the last that a path can name

// True for a safe id and a time that a path can name; for names that did not come as text.
bool is_snapshot_name(const SnapshotName& name);

// Error: bad_input, "snapshot-path".
Result<SnapshotName> parse_snapshot_name(std::string_view text);

struct Namespace {
  std::vector<std::string> components;  // at most 7; empty is the root

  [[nodiscard]] std::string to_string() const;  // "a/b/c", "" for the root
  [[nodiscard]] std::string to_path() const;    // "ns/a/ns/b/ns/c/", "" for the root
  friend bool operator==(const Namespace&, const Namespace&) = default;
};

// Error: bad_input, "namespace".
Result<Namespace> parse_namespace(std::string_view text);

// [A-Za-z0-9_][A-Za-z0-9._-]*
bool is_safe_id(std::string_view text);

enum class ArchiveKind { fixed_index, dynamic_index, blob };

// Completes the short names people type ("drive-scsi0.img" -> "drive-scsi0.img.fidx"), refuses what is no
// archive name. Error: bad_input, "archive-name".
Result<std::string> complete_archive_name(std::string_view text);

// By extension; nothing else decides. Error: bad_input, "archive-name".
Result<ArchiveKind> archive_kind(std::string_view name);

// "2024-05-17T08:00:00Z" <-> Unix seconds, UTC. Error: bad_input, "snapshot-path".
std::string format_utc(std::int64_t time_s);
Result<std::int64_t> parse_utc(std::string_view text);

}  // namespace depthfinder
