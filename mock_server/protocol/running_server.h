// SPDX-License-Identifier: MIT
// RunningServer: a datastore served on a port: service, listener and front door put together, started and stopped in the
// right order. Its owner starts and stops it from one thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "mock_server/protocol/front_door.h"
#include "mock_server/protocol/listener.h"
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

struct RunningServerOptions {
  std::string listen = "127.0.0.1:0";
  ServiceOptions service;
  std::filesystem::path certificate, private_key;  // PEM; both empty: a fresh self-signed one
  std::optional<Secrets> secrets;                  // nothing: made up
};

class RunningServer {
 public:
  // Errors: bad_input, not_found, io.
  static Result<std::unique_ptr<RunningServer>> start(const RunningServerOptions& options,
                                                      std::shared_ptr<const Datastore> datastore);
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void stop();  // ends every connection and joins; again: nothing

  [[nodiscard]] const ListenAddress& address() const { return listener_->address(); }
  [[nodiscard]] const Secrets& secrets() const { return service_->authenticator.secrets(); }
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  // How often each kind was, since the start or the last reset.
  [[nodiscard]] std::map<FaultKind, std::uint64_t> faults_injected() const {
    return service_->behaviour()->faults.injected();
  }

 private:
  RunningServer() = default;

  std::string fingerprint_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<FrontDoor> front_door_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace depthfinder::mock
