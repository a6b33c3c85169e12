// SPDX-License-Identifier: MIT
#include "harness/bench/bare_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <random>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "mock_server/protocol/tls_context.h"
#include "restore_core/base/bytes.h"
#include "restore_core/base/file.h"

namespace depthfinder::bench {

namespace {

constexpr std::size_t kRecordBytes = 16 << 10;

using Connection = Handle<SSL, SSL_free>;

Result<UniqueFd> listen_on_loopback() {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 1) != 0)
    return fail(ErrorKind::io, "cannot listen on loopback: {}", std::strerror(errno));
  return socket;
}

Result<void> announce(int socket, const std::filesystem::path& ready_file) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return fail(ErrorKind::io, "cannot read the port: {}", std::strerror(errno));
  const nlohmann::json ready = {{"port", ntohs(address.sin_port)}};
  return write_file_atomically(ready_file, as_bytes(ready.dump()));
}

Bytes random_bytes(std::uint64_t count) {
  Bytes bytes(count);
  std::mt19937_64 random(1);
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    const std::uint64_t value = random();
    std::memcpy(bytes.data() + i, &value, sizeof value);
  }
  return bytes;
}

bool read_count(SSL* ssl, std::uint64_t& count) {
  std::array<std::uint8_t, 8> bytes{};
  std::size_t got = 0;
  if (SSL_read_ex(ssl, bytes.data(), bytes.size(), &got) != 1 || got != bytes.size()) return false;
  count = load_le<std::uint64_t>(bytes, 0);
  return true;
}

// The loop itself.
bool write_from(ByteSpan memory, std::uint64_t count, SSL* ssl) {
  std::size_t offset = 0;
  while (count > 0) {
    const std::size_t size =
        std::min({kRecordBytes, memory.size() - offset, static_cast<std::size_t>(count)});
    std::size_t written = 0;
    if (SSL_write_ex(ssl, memory.data() + offset, size, &written) != 1) return false;
    offset = (offset + written) % memory.size();
    count -= written;
  }
  return true;
}

void serve(SSL_CTX* context, const UniqueFd& socket, ByteSpan memory) {
  const int on = 1;
  static_cast<void>(setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  const Connection ssl(SSL_new(context));
  if (!ssl || SSL_set_fd(ssl.get(), socket.get()) != 1 || SSL_accept(ssl.get()) != 1) return;
  std::uint64_t count = 0;
  while (read_count(ssl.get(), count) && write_from(memory, count, ssl.get())) {
  }
}

}  // namespace

Result<void> run_bare_writer(std::uint64_t memory_bytes, const std::filesystem::path& ready_file) {
  std::signal(SIGPIPE, SIG_IGN);
  DF_ASSIGN(const mock::TlsIdentity identity, mock::make_self_signed_identity());
  const Handle<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_use_certificate(context.get(), identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) != 1)
    return fail(ErrorKind::io, "cannot set up TLS: {}", mock::take_openssl_error());
  const Bytes memory = random_bytes(std::max<std::uint64_t>(memory_bytes, kRecordBytes));
  DF_ASSIGN(const UniqueFd listener, listen_on_loopback());
  DF_TRY(announce(listener.get(), ready_file));
  while (true) {
    const UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return fail(ErrorKind::io, "cannot accept: {}", std::strerror(errno));
    serve(context.get(), socket, memory);
  }
}

}  // namespace depthfinder::bench
