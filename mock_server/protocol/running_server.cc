// SPDX-License-Identifier: MIT
#include "mock_server/protocol/running_server.h"

#include <csignal>

namespace depthfinder::mock {

Result<std::unique_ptr<RunningServer>> RunningServer::start(const RunningServerOptions& options,
                                                            std::shared_ptr<const Datastore> datastore) {
  if (options.certificate.empty() != options.private_key.empty())
    return fail(ErrorKind::bad_input,
                "a certificate needs its private key and a key its certificate: give both files");
  DF_ASSIGN(const ListenAddress address, parse_listen_address(options.listen));
  DF_ASSIGN(const TlsIdentity identity, options.certificate.empty()
                                            ? make_self_signed_identity()
                                            : load_identity(options.certificate, options.private_key));
  std::unique_ptr<RunningServer> server(new RunningServer());
  DF_ASSIGN(server->fingerprint_, certificate_fingerprint(identity));
  DF_ASSIGN(SslContext tls, make_tls_context(identity));
  Secrets secrets;
  if (options.secrets) {
    secrets = *options.secrets;
  } else {
    DF_ASSIGN(secrets, make_secrets());
  }
  DF_ASSIGN(StopSignal stop, StopSignal::make());
  // OpenSSL writes without MSG_NOSIGNAL: a client that left must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  server->service_ =
      std::make_unique<Service>(std::move(datastore), std::move(secrets), std::move(stop), options.service);
  server->front_door_ = std::make_unique<FrontDoor>(*server->service_, std::move(tls));
  DF_ASSIGN(server->listener_, Listener::bind(address, server->service_->stop));
  server->listener_->run(
      [front_door = server->front_door_.get()](UniqueFd socket) { front_door->serve(std::move(socket)); });
  return server;
}

void RunningServer::stop() {
  if (!listener_) return;
  service_->stop.raise();
  listener_->join();
}

}  // namespace depthfinder::mock
