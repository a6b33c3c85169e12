// SPDX-License-Identifier: MIT
// RestApi: the HTTP/1.1 side's routes (pbs-protocol E.3 to E.7, F.1): who may call what, with which parameters, and what
// it answers. It does no I/O but the datastore's and never waits: the caller sends a 401 late. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/protocol/authenticator.h"
#include "mock_server/protocol/control_api.h"
#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/service.h"
#include "mock_server/protocol/target.h"

namespace depthfinder::mock {

inline constexpr std::size_t kTargetBytesMax = 3072;
inline constexpr std::size_t kBodyBytesMax = 512 << 10;
inline constexpr std::string_view kReaderProtocol = "proxmox-backup-reader-protocol-v1";

struct RestRequest {
  std::string method, target, body, content_type;
  Credentials credentials;
  std::string upgrade;  // the Upgrade header; empty when there is none
};

struct RestAnswer {
  HttpAnswer answer;
  std::string_view route;             // the route's fixed name, for the metrics
  bool is_control = false;            // for the mock itself: no time model delays it
  std::optional<SnapshotId> upgrade;  // set: answer 101 and start a reader session on this snapshot
};

class RestApi {
 public:
  explicit RestApi(Service& service) : service_(service), control_(service) {}

  [[nodiscard]] RestAnswer answer(const RestRequest& request, std::int64_t now_s) const;

 private:
  struct Call;
  struct Route;
  static const std::vector<Route>& routes();
  static const Route* find_route(std::string_view method, const std::vector<std::string>& components,
                                 Call& call);

  void ticket(Call& call) const;
  void version(Call& call) const;
  void ping(Call& call) const;
  void datastores(Call& call) const;
  void snapshots(Call& call) const;
  void groups(Call& call) const;
  void files(Call& call) const;
  void namespaces(Call& call) const;
  void status(Call& call) const;
  void reader(Call& call) const;
  void control(Call& call) const;

  Service& service_;
  const ControlApi control_;
};

}  // namespace depthfinder::mock
