// SPDX-License-Identifier: MIT
#include "harness/profile/tls_loopback.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "mock_server/protocol/tls_context.h"
#include "restore_core/base/check.h"
#include "restore_core/base/handle.h"
#include "restore_core/client/sigpipe_guard.h"
#include "restore_core/client/socket_source.h"

namespace depthfinder {

struct SocketPair {
  UniqueFd receiver, sender;
};

namespace {

using Context = Handle<SSL_CTX, SSL_CTX_free>;
using Connection = Handle<SSL, SSL_free>;

constexpr std::size_t kRecordBytes = 16 << 10;
constexpr const char* kCipherSuite = "TLS_AES_256_GCM_SHA384";
constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

Result<SocketPair> connect_over_loopback() {
  const auto refused = [](const char* what) {
    return fail(ErrorKind::io, "cannot {} on loopback: {}", what, std::strerror(errno));
  };
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (!listener || ::bind(listener.get(), name, length) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), name, &length) != 0)
    return refused("listen");
  SocketPair pair;
  pair.receiver = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!pair.receiver || ::connect(pair.receiver.get(), name, sizeof address) != 0) return refused("connect");
  pair.sender = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!pair.sender) return refused("accept");
  const int on = 1;
  static_cast<void>(::setsockopt(pair.sender.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return pair;
}

Result<Context> make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), kCipherSuite) != 1)
    return fail(ErrorKind::io, "cannot set up TLS 1.3 with {}: {}", kCipherSuite, mock::take_openssl_error());
  return context;
}

Result<Context> make_sender_context() {
  DF_ASSIGN(const mock::TlsIdentity identity, mock::make_self_signed_identity());
  DF_ASSIGN(Context context, make_context(TLS_server_method()));
  if (SSL_CTX_use_certificate(context.get(), identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) != 1)
    return fail(ErrorKind::io, "cannot set up TLS: {}", mock::take_openssl_error());
  return context;
}

Result<Connection> make_connection(SSL_CTX* context, const UniqueFd& socket) {
  Connection ssl(SSL_new(context));
  if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1) return fail(ErrorKind::io, "no memory for TLS");
  return ssl;
}

}  // namespace

struct TlsLoopback::Parts {
  Bytes content;
  SocketPair sockets;
  Context sender_context, receiver_context;
  Connection sender, receiver;
  std::atomic<std::uint64_t> asked{0};
  std::jthread sending;  // last: it uses the others

  // The sending thread. However it ends, the receiver is not left waiting.
  void run_sender() {
    const SigpipeGuard guard;
    if (SSL_accept(sender.get()) == 1) send_what_is_asked_for();
    ::shutdown(sockets.sender.get(), SHUT_RDWR);
  }

  // Ends when it is told to, or when its socket is shut down.
  void send_what_is_asked_for() {
    for (std::uint64_t sent = 0;;) {
      const std::uint64_t wanted = asked.load();
      if (wanted == kEnd) return;
      if (wanted == sent) {
        asked.wait(wanted);
        continue;
      }
      const auto offset = static_cast<std::size_t>(sent % content.size());
      const std::size_t size =
          std::min({kRecordBytes, content.size() - offset, static_cast<std::size_t>(wanted - sent)});
      std::size_t written = 0;
      if (SSL_write_ex(sender.get(), content.data() + offset, size, &written) != 1) return;
      sent += written;
    }
  }
};

Result<std::unique_ptr<TlsLoopback>> TlsLoopback::open(Bytes content) {
  DF_CHECK(!content.empty());
  auto parts = std::make_unique<Parts>();
  parts->content = std::move(content);
  DF_ASSIGN(parts->sockets, connect_over_loopback());
  DF_ASSIGN(parts->sender_context, make_sender_context());
  DF_ASSIGN(parts->receiver_context, make_context(TLS_client_method()));
  DF_ASSIGN(parts->sender, make_connection(parts->sender_context.get(), parts->sockets.sender));
  DF_ASSIGN(parts->receiver, make_connection(parts->receiver_context.get(), parts->sockets.receiver));
  // Made before the thread, so that every way out from here on ends it.
  std::unique_ptr<TlsLoopback> loopback(new TlsLoopback(std::move(parts)));
  Parts& all = *loopback->parts_;
  all.sending = std::jthread([&all] { all.run_sender(); });
  const SigpipeGuard guard;
  if (SSL_connect(all.receiver.get()) != 1)
    return fail(ErrorKind::connection, "TLS handshake over loopback failed: {}", mock::take_openssl_error());
  if (!read_many_records(all.receiver.get(), all.sockets.receiver.get()))
    return fail(ErrorKind::io, "no memory for TLS");
  return loopback;
}

TlsLoopback::TlsLoopback(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TlsLoopback::~TlsLoopback() {
  parts_->asked = kEnd;
  parts_->asked.notify_all();
  ::shutdown(parts_->sockets.receiver.get(), SHUT_RDWR);
}

void TlsLoopback::ask_for(std::uint64_t bytes) {
  parts_->asked += bytes;
  parts_->asked.notify_all();
}

Result<void> TlsLoopback::receive(MutableByteSpan buffer) {
  while (!buffer.empty()) {
    std::size_t count = 0;
    if (SSL_read_ex(parts_->receiver.get(), buffer.data(), buffer.size(), &count) != 1)
      return fail(ErrorKind::connection, "the loopback connection ended: {}", mock::take_openssl_error());
    buffer = buffer.subspan(count);
  }
  return {};
}

std::string TlsLoopback::cipher() const {
  const SSL* const ssl = parts_->receiver.get();
  return fmt::format("{} {}", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
}

}  // namespace depthfinder
