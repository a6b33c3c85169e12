// SPDX-License-Identifier: MIT
#include "harness/bench/tls_drain.h"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace depthfinder::bench {

namespace {

constexpr std::size_t kReadAheadBytes = 256 << 10;

using AddressList = Handle<addrinfo, freeaddrinfo>;

Result<UniqueFd> connect_tcp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return fail(ErrorKind::connection, "cannot connect to {}:{}: {}", host, port, gai_strerror(error));
  const AddressList addresses(found);
  UniqueFd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0)
    return fail(ErrorKind::connection, "cannot connect to {}:{}: {}", host, port, std::strerror(errno));
  const int on = 1;
  static_cast<void>(setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  return socket;
}

}  // namespace

Result<std::unique_ptr<TlsDrain>> TlsDrain::open(const std::string& host, std::uint16_t port) {
  std::unique_ptr<TlsDrain> drain(new TlsDrain());
  DF_ASSIGN(drain->socket_, connect_tcp(host, port));
  drain->context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!drain->context_) return fail(ErrorKind::io, "no memory for TLS");
  // Several records a system call: the client must not be what limits.
  SSL_CTX_set_read_ahead(drain->context_.get(), 1);
  SSL_CTX_set_default_read_buffer_len(drain->context_.get(), kReadAheadBytes);
  drain->ssl_.reset(SSL_new(drain->context_.get()));
  if (!drain->ssl_ || SSL_set_fd(drain->ssl_.get(), drain->socket_.get()) != 1)
    return fail(ErrorKind::io, "no memory for TLS");
  if (SSL_connect(drain->ssl_.get()) != 1)
    return fail(ErrorKind::connection, "TLS handshake with {}:{} failed", host, port);
  return drain;
}

Result<void> TlsDrain::send(ByteSpan bytes) {
  std::size_t written = 0;
  if (!bytes.empty() && SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1)
    return fail(ErrorKind::connection, "the server closed the connection while it was written to");
  return {};
}

Result<ByteSpan> TlsDrain::receive() {
  std::size_t count = 0;
  if (SSL_read_ex(ssl_.get(), buffer_.data(), buffer_.size(), &count) != 1)
    return fail(ErrorKind::connection, "the server closed the connection");
  return ByteSpan(buffer_).first(count);
}

std::string TlsDrain::cipher() const {
  return fmt::format("{} {}", SSL_get_version(ssl_.get()), SSL_get_cipher_name(ssl_.get()));
}

}  // namespace depthfinder::bench
