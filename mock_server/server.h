// SPDX-License-Identifier: MIT
// MockServer: a PBS that serves the reader protocol over TLS on one port (pbs-protocol E, F, I), from synthetic images
// or a datastore directory. It owns its threads: one accepts, one per connection serves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mock_server/datastore/snapshot_info.h"
#include "mock_server/datastore/synthetic_image.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // host:port; port 0: the kernel chooses
  std::variant<std::vector<SyntheticImage>, std::filesystem::path> content;
  std::optional<CryptConfig> key;  // encrypts synthetic images; reads sha256 of encrypted archives
  ServerSpec server;               // times, link, faults
  Nanoseconds auth_failure_delay = std::chrono::seconds(3);  // how late a 401 comes; as the real server's
  std::filesystem::path certificate, private_key;            // PEM; empty: a fresh self-signed one
  // Of a server that this one stands in for after its end; empty: made up. Tickets are new in any case.
  std::string password, token_secret;
};

// What a client needs, and what --ready-file says.
struct ReadyInfo {
  std::string repository, host, datastore, fingerprint, auth_id, password, token_name, token_secret,
      metrics_url;
  std::uint16_t port = 0;
  std::vector<SnapshotInfo> snapshots;
  bool loopback_only = true;  // not in the file
};

class MockServer {
 public:
  // Makes or opens the content, binds and listens. Errors: bad_input, io, corrupt (a datastore that cannot be read).
  static Result<std::unique_ptr<MockServer>> start(const ServerOptions& options);
  virtual ~MockServer() = default;  // stops, closes every connection, joins

  [[nodiscard]] virtual const ReadyInfo& ready() const = 0;
  virtual void stop() = 0;
};

// The JSON of design.md's ready.json.
std::string ready_json(const ReadyInfo& info);

}  // namespace depthfinder::mock
