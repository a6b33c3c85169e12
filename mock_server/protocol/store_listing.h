// SPDX-License-Identifier: MIT
// The management answers about a datastore (pbs-protocol E.7) as JSON: snapshots, groups, files, namespaces. Pure
// functions of the datastore; any thread.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "mock_server/datastore/datastore.h"

namespace depthfinder::mock {

struct ListingFilter {
  Namespace ns;
  std::optional<std::string> backup_type, backup_id;
};

Result<nlohmann::json> list_snapshots(const Datastore& datastore, const ListingFilter& filter);
Result<nlohmann::json> list_groups(const Datastore& datastore, const Namespace& ns);
Result<nlohmann::json> list_files(const Datastore& datastore, const SnapshotId& snapshot);
// Every namespace at or below `parent`, at most `max_depth` levels deeper.
Result<nlohmann::json> list_namespaces(const Datastore& datastore, const Namespace& parent,
                                       std::size_t max_depth);

}  // namespace depthfinder::mock
