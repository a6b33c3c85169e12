// SPDX-License-Identifier: MIT
#include "restore_core/client/api_client.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <nlohmann/json.hpp>

#include "restore_core/client/login.h"
#include "restore_core/client/server_error.h"
#include "restore_core/client/url_encoding.h"
#include "restore_core/format/json_value.h"
#include "restore_core/format/manifest.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::size_t kAnswerBytesMax = 64 << 20;  // a group of 60,000 snapshots

Result<Secret> get(const ServerAccess& access, const std::string& path, std::stop_token stop,
                   const CallTimeouts& timeouts) {
  DF_ASSIGN(const auto wakeup, Wakeup::create());
  const std::stop_callback on_stop(stop, [&] { wakeup->cancel(); });
  Authenticator authenticator(access, timeouts.connect, timeouts.answer);
  RestRequest request;
  request.path = path;
  DF_ASSIGN(request.credentials, authenticator.credentials(*wakeup));
  request.answer_bytes_max = kAnswerBytesMax;
  request.timeout = timeouts.answer;
  DF_ASSIGN(RestResponse response, perform(access, request, timeouts.connect, *wakeup));
  if (response.status != 200)
    return pass_on(server_refusal(fmt::format("GET {} as '{}'", path, access.repository.auth_id),
                                  response.status, response.body.text()));
  return std::move(response.body);
}

// The JSON library throws where a member is missing or of another type.
template <typename Read>
auto read_data(std::string_view what, std::string_view text, Read&& read) -> Result<decltype(read(json()))> {
  // With its nesting bounded: a level costs a server one byte, and us a hundred.
  DF_ASSIGN(const json answer, parse_json(as_bytes(text), {ErrorKind::protocol, {}, what}));
  try {
    return read(answer.at("data"));
  } catch (const json::exception& exception) {
    return fail(ErrorKind::protocol, "{}: unexpected answer: {}", what, one_line_of(exception.what()));
  }
}

std::optional<BackupType> backup_type(std::string_view name) {
  for (const BackupType type : {BackupType::vm, BackupType::ct, BackupType::host})
    if (backup_type_name(type) == name) return type;
  return std::nullopt;
}

SnapshotFile read_file_entry(const json& entry) {
  SnapshotFile file{entry.at("filename").get<std::string>(), std::nullopt};
  if (const auto size = entry.find("size"); size != entry.end() && size->is_number_unsigned())
    file.size_bytes = size->get<std::uint64_t>();
  return file;
}

std::vector<SnapshotEntry> read_snapshots(const json& data) {
  std::vector<SnapshotEntry> entries;
  for (const json& item : data) {
    const auto type = backup_type(item.at("backup-type").get<std::string>());
    if (!type) continue;  // a kind of backup that this program does not know
    SnapshotEntry entry;
    entry.name = {*type, item.at("backup-id").get<std::string>(), item.at("backup-time").get<std::int64_t>()};
    if (!is_snapshot_name(entry.name)) continue;  // nothing that a path or a request could name
    for (const json& file : item.at("files")) entry.files.push_back(read_file_entry(file));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

bool SnapshotEntry::is_finished() const {
  return std::any_of(files.begin(), files.end(),
                     [](const SnapshotFile& file) { return file.name == kManifestName; });
}

Result<std::vector<SnapshotEntry>> parse_snapshot_list(std::string_view text) {
  DF_ASSIGN(std::vector<SnapshotEntry> entries, read_data("snapshot list", text, read_snapshots));
  std::sort(entries.begin(), entries.end(), [](const SnapshotEntry& a, const SnapshotEntry& b) {
    return std::tie(a.name.type, a.name.id, a.name.time_s) < std::tie(b.name.type, b.name.id, b.name.time_s);
  });
  return entries;
}

Result<ServerVersion> parse_version(std::string_view text) {
  return read_data("version", text, [](const json& data) {
    return ServerVersion{data.at("version").get<std::string>(), data.value("release", std::string()),
                         data.value("repoid", std::string())};
  });
}

Result<ServerVersion> version(const ServerAccess& access, std::stop_token stop,
                              const CallTimeouts& timeouts) {
  DF_ASSIGN(const Secret body, get(access, "/api2/json/version", std::move(stop), timeouts));
  return parse_version(body.text());
}

Result<std::vector<SnapshotEntry>> snapshots(const ServerAccess& access, const Namespace& ns,
                                             const SnapshotFilter& filter, std::stop_token stop,
                                             const CallTimeouts& timeouts) {
  std::map<std::string, std::string> parameters;
  if (!ns.components.empty()) parameters["ns"] = ns.to_string();
  if (filter.type) parameters["backup-type"] = backup_type_name(*filter.type);
  if (!filter.id.empty()) parameters["backup-id"] = filter.id;
  std::string path = fmt::format("/api2/json/admin/datastore/{}/snapshots", access.repository.store);
  if (!parameters.empty()) path += "?" + form_query(parameters);
  DF_ASSIGN(const Secret body, get(access, path, std::move(stop), timeouts));
  return parse_snapshot_list(body.text());
}

Result<SnapshotName> newest_snapshot(const ServerAccess& access, const Namespace& ns, BackupType type,
                                     std::string_view id, std::stop_token stop,
                                     const CallTimeouts& timeouts) {
  DF_ASSIGN(const auto entries, snapshots(access, ns, {type, std::string(id)}, std::move(stop), timeouts));
  const auto is_candidate = [&](const SnapshotEntry& entry) {
    return entry.name.type == type && entry.name.id == id && entry.is_finished();
  };
  const auto newest = std::find_if(entries.rbegin(), entries.rend(), is_candidate);
  if (newest == entries.rend())
    return fail(ErrorKind::not_found, "the group {}/{} in {} has no finished snapshot",
                backup_type_name(type), id, access.repository.to_string());
  return newest->name;
}

Result<SnapshotName> find_snapshot(const ServerAccess& access, const Namespace& ns, const std::string& text,
                                   std::stop_token stop, const CallTimeouts& timeouts) {
  if (std::count(text.begin(), text.end(), '/') != 1) return parse_snapshot_name(text);
  DF_ASSIGN(const SnapshotName any, parse_snapshot_name(text + "/1970-01-01T00:00:01Z"));
  return newest_snapshot(access, ns, any.type, any.id, std::move(stop), timeouts);
}

}  // namespace depthfinder
