// SPDX-License-Identifier: MIT
#include "mock_server/protocol/store_listing.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::mock {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kManifestBytesMax = 16 << 20;

// The manifest's JSON as it stands, or null: a listing shows what is there and judges nothing. (read_manifest, which
// does judge, refuses encrypted snapshots without their key.)
Json manifest_json(const Datastore& datastore, const SnapshotId& snapshot) {
  const auto blob = datastore.file(snapshot, kManifestName);
  if (!blob) return nullptr;
  const auto text = decode_blob(**blob, nullptr, kManifestBytesMax);
  if (!text) return nullptr;
  Json manifest = Json::parse(as_text(*text), nullptr, false);
  return manifest.is_object() ? manifest : Json(nullptr);
}

Json member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : Json(nullptr);
}

// The manifest's entries, the manifest itself, then what lies beside them.
Json file_entries(const Datastore& datastore, const SnapshotId& snapshot, const Json& manifest,
                  const std::vector<std::string>& names) {
  Json entries = Json::array();
  std::set<std::string> listed;
  for (const Json& file : member(manifest, "files")) {
    const Json name = member(file, "filename");
    if (!name.is_string()) continue;
    Json entry = {{"filename", name}};
    for (const char* field : {"crypt-mode", "size"})
      if (Json value = member(file, field); !value.is_null()) entry[field] = std::move(value);
    entries.push_back(std::move(entry));
    listed.insert(name.get<std::string>());
  }
  if (manifest.is_object()) {
    const auto blob = datastore.file(snapshot, kManifestName);
    entries.push_back({{"filename", kManifestName},
                       {"crypt-mode", member(manifest, "signature").is_string() ? "sign-only" : "none"},
                       {"size", blob ? (*blob)->size() : 0}});
    listed.insert(std::string(kManifestName));
  }
  for (const std::string& name : names)
    if (!listed.contains(name)) entries.push_back({{"filename", name}});
  return entries;
}

std::uint64_t total_size(const Json& entries) {
  std::uint64_t total_bytes = 0;
  for (const Json& entry : entries)
    if (const Json size = member(entry, "size"); size.is_number_unsigned())
      total_bytes += size.get<std::uint64_t>();
  return total_bytes;
}

void add_unprotected(const Json& manifest, Json& entry) {
  const Json unprotected = member(manifest, "unprotected");
  if (const Json fingerprint = member(unprotected, "key-fingerprint"); fingerprint.is_string())
    entry["fingerprint"] = fingerprint;
  if (const Json notes = member(unprotected, "notes"); notes.is_string()) {
    const std::string text = notes.get<std::string>();
    entry["comment"] = text.substr(0, text.find('\n'));
  }
  if (const Json verification = member(unprotected, "verify_state"); verification.is_object())
    entry["verification"] = verification;
}

Result<Json> snapshot_json(const Datastore& datastore, const SnapshotId& snapshot) {
  DF_ASSIGN(const std::vector<std::string> names, datastore.files(snapshot));
  const Json manifest = manifest_json(datastore, snapshot);
  Json files = file_entries(datastore, snapshot, manifest, names);
  Json entry = {{"backup-type", backup_type_name(snapshot.name.type)},
                {"backup-id", snapshot.name.id},
                {"backup-time", snapshot.name.time_s},
                {"owner", datastore.owner(snapshot)},
                {"protected", false}};
  if (manifest.is_object()) entry["size"] = total_size(files);
  entry["files"] = std::move(files);
  add_unprotected(manifest, entry);
  return entry;
}

bool is_below(const Namespace& ns, const Namespace& parent) {
  return ns.components.size() >= parent.components.size() &&
         std::equal(parent.components.begin(), parent.components.end(), ns.components.begin());
}

}  // namespace

Result<Json> list_snapshots(const Datastore& datastore, const ListingFilter& filter) {
  DF_ASSIGN(const std::vector<SnapshotId> snapshots, datastore.snapshots());
  Json list = Json::array();
  for (const SnapshotId& snapshot : snapshots) {
    if (snapshot.ns != filter.ns || (filter.backup_id && snapshot.name.id != *filter.backup_id) ||
        (filter.backup_type && backup_type_name(snapshot.name.type) != *filter.backup_type))
      continue;
    DF_ASSIGN(Json entry, snapshot_json(datastore, snapshot));
    list.push_back(std::move(entry));
  }
  return list;
}

Result<Json> list_groups(const Datastore& datastore, const Namespace& ns) {
  DF_ASSIGN(const std::vector<SnapshotId> snapshots, datastore.snapshots());
  std::map<std::pair<std::string, std::string>, std::vector<SnapshotId>> groups;
  for (const SnapshotId& snapshot : snapshots)
    if (snapshot.ns == ns)
      groups[{std::string(backup_type_name(snapshot.name.type)), snapshot.name.id}].push_back(snapshot);
  Json list = Json::array();
  for (const auto& [group, members] : groups) {
    const auto last = std::max_element(
        members.begin(), members.end(),
        [](const SnapshotId& a, const SnapshotId& b) { return a.name.time_s < b.name.time_s; });
    DF_ASSIGN(const std::vector<std::string> files, datastore.files(*last));
    list.push_back({{"backup-type", group.first},
                    {"backup-id", group.second},
                    {"last-backup", last->name.time_s},
                    {"backup-count", members.size()},
                    {"files", files},
                    {"owner", datastore.owner(*last)}});
  }
  return list;
}

Result<Json> list_files(const Datastore& datastore, const SnapshotId& snapshot) {
  DF_ASSIGN(const std::vector<std::string> names, datastore.files(snapshot));
  return file_entries(datastore, snapshot, manifest_json(datastore, snapshot), names);
}

Result<Json> list_namespaces(const Datastore& datastore, const Namespace& parent, std::size_t max_depth) {
  DF_ASSIGN(const std::vector<SnapshotId> snapshots, datastore.snapshots());
  std::set<std::vector<std::string>> found = {parent.components};
  for (const SnapshotId& snapshot : snapshots) {
    std::vector<std::string> components = snapshot.ns.components;
    while (is_below({components}, parent) && components.size() > parent.components.size()) {
      if (components.size() - parent.components.size() <= max_depth) found.insert(components);
      components.pop_back();
    }
  }
  Json list = Json::array();
  for (const std::vector<std::string>& components : found)
    list.push_back({{"ns", Namespace{components}.to_string()}});
  return list;
}

}  // namespace depthfinder::mock
