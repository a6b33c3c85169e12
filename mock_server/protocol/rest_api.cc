// SPDX-License-Identifier: MIT
#include "mock_server/protocol/rest_api.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mock_server/protocol/parameters.h"
#include "mock_server/protocol/store_listing.h"
#include "restore_core/base/units.h"

namespace depthfinder::mock {

using Json = nlohmann::json;

namespace {

HttpAnswer data_answer(const Json& data) {
  return {.content_type = kJsonType,
          .body = Json{{"data", data}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

HttpAnswer data_answer(const Result<Json>& data) {
  return data ? data_answer(*data) : error_answer(400, data.error().message);
}

// A body's members as parameters, as the real server treats them. Error: bad_input.
Result<std::vector<Parameter>> json_parameters(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::bad_input, "the request body is no JSON object");
  std::vector<Parameter> parameters;
  for (const auto& [name, value] : json.items()) {
    if (value.is_structured() || value.is_null())
      return fail(ErrorKind::bad_input, "the request body's members must be strings, numbers or booleans");
    parameters.push_back({name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  return parameters;
}

Namespace to_namespace(const std::optional<std::string>& text) {
  return parse_namespace(text.value_or("")).value_or(Namespace());
}

BackupType to_backup_type(std::string_view text) {
  return text == "vm" ? BackupType::vm : text == "ct" ? BackupType::ct : BackupType::host;
}

SnapshotId to_snapshot(const std::optional<std::string>& ns, std::string_view type, std::string id,
                       std::string_view time) {
  const auto time_s = parse_count("backup-time", time, 1, INT64_MAX).value_or(1);
  return {
      .ns = to_namespace(ns),
      .name = {
          .type = to_backup_type(type), .id = std::move(id), .time_s = static_cast<std::int64_t>(time_s)}};
}

}  // namespace

// One request on its way through its route's handler, which sets the answer.
struct RestApi::Call {
  const RestRequest& request;
  std::int64_t now_s;
  std::string path = {};
  std::vector<Parameter> parameters = {};
  RestAnswer result = {};

  // False, and the answer is the refusal, when a parameter is wrong.
  bool checked(ParameterReader& reader) {
    auto refused = reader.refusal_if_any();
    if (refused) result.answer = std::move(*refused);
    return !refused;
  }
  bool store_exists(const Datastore& datastore, std::string_view store) {
    if (store == datastore.name()) return true;
    result.answer = error_answer(400, fmt::format("no such datastore '{}'", store));
    return false;
  }
};

struct RestApi::Route {
  std::string_view method, path;  // a component "{store}" becomes the parameter "store"
  bool needs_authentication;
  void (RestApi::*handle)(Call&) const;
};

const std::vector<RestApi::Route>& RestApi::routes() {
  static const std::vector<Route> kRoutes = {
      {"POST", "/api2/json/access/ticket", false, &RestApi::ticket},
      {"GET", "/api2/json/version", true, &RestApi::version},
      {"GET", "/api2/json/ping", false, &RestApi::ping},
      {"GET", "/api2/json/admin/datastore", true, &RestApi::datastores},
      {"GET", "/api2/json/admin/datastore/{store}/snapshots", true, &RestApi::snapshots},
      {"GET", "/api2/json/admin/datastore/{store}/groups", true, &RestApi::groups},
      {"GET", "/api2/json/admin/datastore/{store}/files", true, &RestApi::files},
      {"GET", "/api2/json/admin/datastore/{store}/namespace", true, &RestApi::namespaces},
      {"GET", "/api2/json/admin/datastore/{store}/status", true, &RestApi::status},
      {"GET", "/api2/json/reader", true, &RestApi::reader},
      {"GET", "/depthfinder/metrics", false, &RestApi::control},
      {"GET", "/depthfinder/requests", false, &RestApi::control},
      {"GET", "/depthfinder/server", false, &RestApi::control},
      {"PUT", "/depthfinder/server", true, &RestApi::control},
      {"POST", "/depthfinder/reset", true, &RestApi::control},
  };
  return kRoutes;
}

const RestApi::Route* RestApi::find_route(std::string_view method, const std::vector<std::string>& components,
                                          Call& call) {
  for (const Route& route : routes()) {
    if (route.method != method) continue;
    const Result<Target> pattern = parse_target(route.path);
    if (!pattern || pattern->components.size() != components.size()) continue;
    std::optional<std::string> store;
    bool matches = true;
    for (std::size_t i = 0; i < components.size() && matches; ++i) {
      if (pattern->components[i] == "{store}")
        store = components[i];
      else
        matches = pattern->components[i] == components[i];
    }
    if (!matches) continue;
    if (store) call.parameters.push_back({"store", *store});
    return &route;
  }
  return nullptr;
}

RestAnswer RestApi::answer(const RestRequest& request, std::int64_t now_s) const {
  Call call{.request = request, .now_s = now_s};
  call.result.route = "invalid";
  if (request.target.size() > kTargetBytesMax) {
    call.result.answer =
        refusal(414, fmt::format("the request target is longer than {} bytes", kTargetBytesMax));
    return call.result;
  }
  Result<Target> target = parse_target(request.target);
  if (!target) {
    call.result.answer = refusal(400, target.error().message);
    return call.result;
  }
  call.path = target->path();
  call.parameters = std::move(target->parameters);
  const Route* route = find_route(request.method, target->components, call);
  call.result.route = route != nullptr ? route->path : "unknown";
  call.result.is_control = call.result.route.starts_with("/depthfinder/");
  const bool free = route != nullptr && !route->needs_authentication;
  if (!free && !service_.authenticator.accepts(request.credentials, request.method != "GET", now_s))
    call.result.answer = refusal(401, "authentication failed");
  else if (route == nullptr)
    call.result.answer = error_answer(404, fmt::format("Path '{}' not found.", call.path));
  else
    (this->*route->handle)(call);
  return call.result;
}

void RestApi::ticket(Call& call) const {
  const bool is_form = call.request.content_type.starts_with("application/x-www-form-urlencoded");
  const auto given = is_form ? parse_form(call.request.body) : json_parameters(call.request.body);
  if (!given) {
    call.result.answer = refusal(400, given.error().message);
    return;
  }
  call.parameters.insert(call.parameters.end(), given->begin(), given->end());
  ParameterReader reader(call.parameters);
  const std::string password = reader.required("password", check_any);
  const std::string user = reader.required("username", check_any);
  if (!call.checked(reader)) return;
  const auto login = service_.authenticator.log_in(user, password, call.now_s);
  if (!login) {
    call.result.answer = error_answer(401, "permission check failed.");
    return;
  }
  const Json data = {
      {"CSRFPreventionToken", login->csrf_token}, {"ticket", login->ticket}, {"username", user}};
  call.result.answer = {.content_type = "application/json",
                        .body = Json{{"data", data}, {"status", 200}, {"success", true}}.dump()};
}

void RestApi::version(Call& call) const {
  ParameterReader reader(call.parameters);
  if (!call.checked(reader)) return;
  // The version whose behaviour is served. There is no upstream commit behind it, hence the zeros.
  call.result.answer =
      data_answer(Json{{"version", "4.1"}, {"release", "7"}, {"repoid", std::string(40, '0')}});
}

void RestApi::ping(Call& call) const {
  ParameterReader reader(call.parameters);
  if (call.checked(reader)) call.result.answer = data_answer(Json{{"pong", true}});
}

void RestApi::datastores(Call& call) const {
  ParameterReader reader(call.parameters);
  if (!call.checked(reader)) return;
  call.result.answer = data_answer(Json::array({Json{{"store", service_.datastore->name()}}}));
}

void RestApi::snapshots(Call& call) const {
  ParameterReader reader(call.parameters);
  ListingFilter filter;
  filter.backup_id = reader.optional("backup-id", check_safe_id);
  filter.backup_type = reader.optional("backup-type", check_backup_type);
  filter.ns = to_namespace(reader.optional("ns", check_namespace));
  const std::string store = reader.required("store", check_store_name);
  if (call.checked(reader) && call.store_exists(*service_.datastore, store))
    call.result.answer = data_answer(list_snapshots(*service_.datastore, filter));
}

void RestApi::groups(Call& call) const {
  ParameterReader reader(call.parameters);
  const auto ns = reader.optional("ns", check_namespace);
  const std::string store = reader.required("store", check_store_name);
  if (call.checked(reader) && call.store_exists(*service_.datastore, store))
    call.result.answer = data_answer(list_groups(*service_.datastore, to_namespace(ns)));
}

void RestApi::files(Call& call) const {
  ParameterReader reader(call.parameters);
  const std::string id = reader.required("backup-id", check_safe_id);
  const std::string time = reader.required("backup-time", check_backup_time);
  const std::string type = reader.required("backup-type", check_backup_type);
  const auto ns = reader.optional("ns", check_namespace);
  const std::string store = reader.required("store", check_store_name);
  if (!call.checked(reader) || !call.store_exists(*service_.datastore, store)) return;
  const SnapshotId snapshot = to_snapshot(ns, type, id, time);
  call.result.answer =
      service_.datastore->has_snapshot(snapshot)
          ? data_answer(list_files(*service_.datastore, snapshot))
          : error_answer(400, fmt::format("snapshot {} does not exist.", snapshot.name.to_string()));
}

void RestApi::namespaces(Call& call) const {
  ParameterReader reader(call.parameters);
  const auto max_depth = reader.optional("max-depth", check_depth);
  const auto parent = reader.optional("parent", check_namespace);
  const std::string store = reader.required("store", check_store_name);
  if (!call.checked(reader) || !call.store_exists(*service_.datastore, store)) return;
  const auto depth = parse_count("max-depth", max_depth.value_or("7"), 0, 7).value_or(7);
  call.result.answer = data_answer(list_namespaces(*service_.datastore, to_namespace(parent), depth));
}

void RestApi::status(Call& call) const {
  ParameterReader reader(call.parameters);
  const std::string store = reader.required("store", check_store_name);
  if (!call.checked(reader) || !call.store_exists(*service_.datastore, store)) return;
  // A synthetic store lies on no disk: all zero then.
  std::error_code error;
  auto space = std::filesystem::space(service_.datastore->path(), error);
  if (error) space = {0, 0, 0};
  call.result.answer = data_answer(
      Json{{"total", space.capacity}, {"used", space.capacity - space.free}, {"avail", space.available}});
}

void RestApi::reader(Call& call) const {
  ParameterReader reader(call.parameters);
  const std::string id = reader.required("backup-id", check_safe_id);
  const std::string time = reader.required("backup-time", check_backup_time);
  const std::string type = reader.required("backup-type", check_backup_type);
  reader.optional("debug", check_boolean);
  const auto ns = reader.optional("ns", check_namespace);
  const std::string store = reader.required("store", check_store_name);
  if (!call.checked(reader) || !call.store_exists(*service_.datastore, store)) return;
  const SnapshotId snapshot = to_snapshot(ns, type, id, time);
  if (call.request.upgrade.empty())
    call.result.answer = error_answer(400, "missing Upgrade header");
  else if (call.request.upgrade != kReaderProtocol)
    call.result.answer = error_answer(400, "invalid protocol name");
  else if (!service_.datastore->has_snapshot(snapshot))
    call.result.answer =
        error_answer(400, fmt::format("snapshot {} does not exist.", snapshot.name.to_string()));
  else
    call.result.upgrade = snapshot;
  if (call.result.upgrade) call.result.answer.status = 101;
}

void RestApi::control(Call& call) const {
  ParameterReader reader(call.parameters);
  auto answer = control_.answer(call.request.method, call.path, reader, call.request.body);
  if (!answer) answer = error_answer(404, fmt::format("Path '{}' not found.", call.path));
  call.result.answer = std::move(*answer);
}

}  // namespace depthfinder::mock
