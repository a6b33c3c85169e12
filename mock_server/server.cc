// SPDX-License-Identifier: MIT
#include "mock_server/server.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mock_server/datastore/directory_datastore.h"
#include "mock_server/datastore/image_digest.h"
#include "mock_server/datastore/synthetic_datastore.h"
#include "mock_server/protocol/listener.h"
#include "mock_server/protocol/running_server.h"

namespace depthfinder::mock {

namespace {

Result<std::shared_ptr<const Datastore>> open_content(const ServerOptions& options) {
  if (const auto* images = std::get_if<std::vector<SyntheticImage>>(&options.content)) {
    DF_ASSIGN(std::shared_ptr<const Datastore> store,
              SyntheticDatastore::create({.images = *images, .key = options.key}));
    return store;
  }
  DF_ASSIGN(std::shared_ptr<const Datastore> store,
            DirectoryDatastore::open(std::get<std::filesystem::path>(options.content)));
  return store;
}

class ServingMock final : public MockServer {
 public:
  ServingMock(std::unique_ptr<RunningServer> server, ReadyInfo ready)
      : server_(std::move(server)), ready_(std::move(ready)) {}

  [[nodiscard]] const ReadyInfo& ready() const override { return ready_; }
  void stop() override { server_->stop(); }

 private:
  const std::unique_ptr<RunningServer> server_;
  const ReadyInfo ready_;
};

ReadyInfo make_ready_info(const RunningServer& server, const Datastore& store,
                          std::vector<SnapshotInfo> snapshots) {
  const Secrets& secrets = server.secrets();
  const std::string address = server.address().to_string();
  return {.repository = fmt::format("{}@{}:{}", secrets.user, address, store.name()),
          .host = server.address().host,
          .datastore = std::string(store.name()),
          .fingerprint = server.fingerprint(),
          .auth_id = secrets.user,
          .password = secrets.password,
          .token_name = secrets.token_name,
          .token_secret = secrets.token_secret,
          .metrics_url = fmt::format("https://{}/depthfinder/metrics", address),
          .port = server.address().port,
          .snapshots = std::move(snapshots),
          .loopback_only = is_loopback(server.address().host)};
}

// Made up, but for what is given.
Result<Secrets> secrets_for(const ServerOptions& options) {
  DF_ASSIGN(Secrets secrets, make_secrets());
  if (!options.password.empty()) secrets.password = options.password;
  if (!options.token_secret.empty()) secrets.token_secret = options.token_secret;
  return secrets;
}

}  // namespace

Result<std::unique_ptr<MockServer>> MockServer::start(const ServerOptions& options) {
  DF_ASSIGN(const std::shared_ptr<const Datastore> store, open_content(options));
  DF_ASSIGN(std::vector<SnapshotInfo> snapshots,
            describe_snapshots(*store, options.key ? &*options.key : nullptr));
  DF_ASSIGN(Secrets secrets, secrets_for(options));
  const RunningServerOptions running = {
      .listen = options.listen,
      .service = {.server = options.server, .auth_failure_delay = options.auth_failure_delay},
      .certificate = options.certificate,
      .private_key = options.private_key,
      .secrets = std::move(secrets)};
  DF_ASSIGN(std::unique_ptr<RunningServer> server, RunningServer::start(running, store));
  ReadyInfo ready = make_ready_info(*server, *store, std::move(snapshots));
  return std::make_unique<ServingMock>(std::move(server), std::move(ready));
}

std::string ready_json(const ReadyInfo& info) {
  using Json = nlohmann::ordered_json;
  Json snapshots = Json::array();
  for (const SnapshotInfo& snapshot : info.snapshots) {
    Json archives = Json::array();
    for (const ArchiveInfo& archive : snapshot.archives) {
      Json sha256 = archive.image_sha256 ? Json(to_hex(*archive.image_sha256)) : Json(nullptr);
      archives.push_back(
          {{"name", archive.name}, {"size_bytes", archive.size_bytes}, {"sha256", std::move(sha256)}});
    }
    Json entry = {{"snapshot", snapshot.snapshot}};
    if (!snapshot.ns.empty()) entry["ns"] = snapshot.ns;
    entry["archives"] = std::move(archives);
    snapshots.push_back(std::move(entry));
  }
  const Json json = {{"repository", info.repository},
                     {"host", info.host},
                     {"port", info.port},
                     {"datastore", info.datastore},
                     {"fingerprint", info.fingerprint},
                     {"auth_id", info.auth_id},
                     {"password", info.password},
                     {"token_name", info.token_name},
                     {"token_secret", info.token_secret},
                     {"snapshots", std::move(snapshots)},
                     {"metrics_url", info.metrics_url}};
  return json.dump(2) + "\n";
}

}  // namespace depthfinder::mock
