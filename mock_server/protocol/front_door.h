// SPDX-License-Identifier: MIT
// FrontDoor: what a connection meets first (pbs-protocol E.1): TLS or a redirect to it, HTTP/1.1 with keep-alive, and
// the upgrade after which the reader session has the connection. One object serves all connections; each calls serve()
// on its own thread.
#pragma once

#include <memory>

#include "mock_server/protocol/service.h"
#include "mock_server/protocol/tls_context.h"
#include "restore_core/base/handle.h"

namespace depthfinder::mock {

class FrontDoor {
 public:
  FrontDoor(Service& service, SslContext tls);
  ~FrontDoor();

  // Serves one connection to its end; a connection's failure is its own and ends here. Does not throw.
  void serve(UniqueFd socket) noexcept;

 private:
  class HttpServer;

  Result<void> serve_connection(UniqueFd socket);
  Result<void> serve_tls(UniqueFd socket, TimePoint handshake_deadline);

  Service& service_;
  const SslContext tls_;
  const std::unique_ptr<HttpServer> http_;
};

}  // namespace depthfinder::mock
